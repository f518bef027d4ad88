<?php
// Asks with PHP's curl: the address is the first argument, or the live API's.
$base = $argv[1] ?? "https://generativelanguage.googleapis.com";
foreach (["false", "true"] as $stream) {
    $handle = curl_init("$base/v1beta/interactions");
    curl_setopt($handle, CURLOPT_POSTFIELDS, '{"model": "gemini-3.5-flash", "input": "Hi", "stream": ' . $stream . '}');
    curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
    echo curl_exec($handle) ?: curl_error($handle), "\n";
}
