// Asks with Java's own HttpClient, as it is made by default: the address is the first argument,
// or the live API's.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

public class Ask {
    public static void main(String[] arguments) throws Exception {
        String host = "https://generativelanguage.googleapis.com";
        URI target = URI.create((arguments.length > 0 ? arguments[0] : host) + "/v1beta/interactions");
        HttpClient client = HttpClient.newHttpClient();
        for (String stream : new String[] {"false", "true"}) {
            String body = "{\"model\": \"gemini-3.5-flash\", \"input\": \"Hi\", \"stream\": " + stream + "}";
            HttpRequest request = HttpRequest.newBuilder(target)
                .header("x-goog-api-key", "fake-key")
                .POST(BodyPublishers.ofString(body))
                .build();
            System.out.println(client.send(request, BodyHandlers.ofString()).body());
        }
    }
}
