import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.commons.net.ftp.FTP;
import org.apache.commons.net.ftp.FTPClient;
import org.apache.commons.net.ftp.FTPFile;
import org.apache.commons.net.ftp.FTPSClient;

/**
 * Does in one session what a file says, a command on each line. "refused 550 COMMAND" is for what
 * the server answers with that code.
 */
public class Client {
  private final FTPClient ftp;

  public static void main(String[] args) throws Exception {
    FTPClient ftp = open();
    Client client = new Client(ftp);
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      if (!line.isEmpty()) {
        client.run(words(line));
      }
    }
    ftp.logout();
    ftp.disconnect();
  }

  private Client(FTPClient ftp) {
    this.ftp = ftp;
  }

  private static FTPClient open() throws Exception {
    FTPClient ftp = new FTPClient();
    if (System.getenv("MODE").equals("tls")) {
      ftp = new FTPSClient(false, context());
    }
    ftp.setControlEncoding("UTF-8");
    ftp.setUseEPSVwithIPv4(true);
    ftp.connect(System.getenv("HOST"), Integer.parseInt(System.getenv("PORT")));
    if (ftp instanceof FTPSClient) {
      ((FTPSClient) ftp).execPBSZ(0);
      ((FTPSClient) ftp).execPROT("P");
    }
    if (!ftp.login(System.getenv("USER"), System.getenv("PASSWORD"))) {
      throw new IOException(ftp.getReplyString());
    }
    ftp.setFileType(FTP.BINARY_FILE_TYPE);
    ftp.enterLocalPassiveMode();
    return ftp;
  }

  private static SSLContext context() throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream in = new FileInputStream(System.getenv("CA"))) {
      store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher m = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(line);
    while (m.find()) {
      words.add(m.group(1) != null ? m.group(1) : m.group(2));
    }
    return words;
  }

  private void run(List<String> words) throws IOException {
    if (words.get(0).equals("refused")) {
      if (done(words.subList(2, words.size())) || ftp.getReplyCode() != Integer.parseInt(words.get(1))) {
        throw new IOException(words + ": " + ftp.getReplyString());
      }
    } else if (!done(words)) {
      throw new IOException(words + ": " + ftp.getReplyString());
    }
  }

  private boolean done(List<String> words) throws IOException {
    String a = words.size() > 1 ? words.get(1) : null;
    String b = words.size() > 2 ? words.get(2) : null;
    switch (words.get(0)) {
      case "put":
        return send(a, 0, in -> ftp.storeFile(b, in));
      case "append":
        return send(a, 0, in -> ftp.appendFile(b, in));
      case "reput":
        long there = Long.parseLong(ftp.getSize(b));
        ftp.setRestartOffset(there);
        return send(a, there, in -> ftp.storeFile(b, in));
      case "get":
        return receive(a, b, false);
      case "reget":
        ftp.setRestartOffset(Files.size(Path.of(b)));
        return receive(a, b, true);
      case "ls":
        return list(ftp.listFiles(a));
      case "mlsd":
        return list(ftp.mlistDir(a));
      case "names":
        return print(ftp.listNames(a));
      case "size":
        return print(ftp.getSize(a));
      case "time":
        return print(ftp.getModificationTime(a));
      case "pwd":
        return print(ftp.printWorkingDirectory());
      case "cd":
        return ftp.changeWorkingDirectory(a);
      case "mkdir":
        return ftp.makeDirectory(a);
      case "rmdir":
        return ftp.removeDirectory(a);
      case "rename":
        return ftp.rename(a, b);
      case "delete":
        return ftp.deleteFile(a);
      default:
        throw new IOException("no such command: " + words);
    }
  }

  private interface Upload {
    boolean from(InputStream in) throws IOException;
  }

  private boolean send(String file, long offset, Upload upload) throws IOException {
    try (InputStream in = new FileInputStream(file)) {
      in.skipNBytes(offset);
      return upload.from(in);
    }
  }

  private boolean receive(String name, String file, boolean append) throws IOException {
    try (OutputStream out = new FileOutputStream(file, append)) {
      return ftp.retrieveFile(name, out);
    }
  }

  private boolean list(FTPFile[] entries) {
    for (FTPFile e : entries) {
      System.out.println((e.isDirectory() ? "d " : "- ") + e.getSize() + " " + e.getName());
    }
    return true;
  }

  private boolean print(String... lines) {
    if (lines == null || lines.length == 1 && lines[0] == null) {
      return false;
    }
    for (String line : lines) {
      System.out.println(line);
    }
    return true;
  }
}
