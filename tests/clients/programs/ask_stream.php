<?php
// Asks with PHP's own streams, which need no extension: the address is the first argument.
foreach (["1.0", "1.1"] as $version) {
    foreach (["false", "true"] as $stream) {
        $body = '{"model": "gemini-3.5-flash", "input": "Hi", "stream": ' . $stream . '}';
        $http = ["method" => "POST", "content" => $body, "protocol_version" => $version, "header" => "Content-Type: application/json\r\nConnection: close"];
        echo file_get_contents("$argv[1]/v1beta/interactions", false, stream_context_create(["http" => $http])), "\n";
    }
}
