import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Does what its arguments say with java.net.URL: "put FILE NAME", "get NAME FILE", which wants the
 * length that the connection tells to be that of the file, or "ls NAME".
 */
public class Client {
  public static void main(String[] args) throws Exception {
    for (int i = 0; i < args.length; i += 3) {
      String a = args[i + 1];
      String b = args[i + 2];
      switch (args[i]) {
        case "put":
          URLConnection up = open(b);
          up.setDoOutput(true);
          try (OutputStream out = up.getOutputStream()) {
            Files.copy(Path.of(a), out);
          }
          break;
        case "get":
          URLConnection down = open(a);
          try (InputStream in = down.getInputStream()) {
            long told = down.getContentLengthLong();
            long size = in.transferTo(Files.newOutputStream(Path.of(b)));
            if (told != size) {
              throw new IllegalStateException(a + " has " + size + " bytes, told were " + told);
            }
          }
          break;
        case "ls":
          try (InputStream in = open(a + ";type=d").getInputStream()) {
            System.out.print(new String(in.readAllBytes(), StandardCharsets.UTF_8));
          }
          break;
        default:
          throw new IllegalArgumentException(args[i]);
      }
    }
  }

  private static URLConnection open(String name) throws Exception {
    String at = System.getenv("HOST") + ":" + System.getenv("PORT");
    String user = System.getenv("USER") + ":" + System.getenv("PASSWORD");
    URLConnection c = new URI("ftp", user + "@" + at, "/" + name, null, null).toURL().openConnection();
    c.setConnectTimeout(60_000);
    c.setReadTimeout(60_000);
    return c;
  }
}
