import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.Session;
import com.jcraft.jsch.SftpException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Does in one session what a file says, a command on each line. "refused 4 COMMAND" is for what
 * the server answers with that code. The second argument is a file with the key to log in with;
 * without one it is the password.
 */
public class Client {
  private final ChannelSftp sftp;

  public static void main(String[] args) throws Exception {
    JSch jsch = new JSch();
    jsch.setKnownHosts(System.getenv("KNOWN_HOSTS"));
    Session session =
        jsch.getSession(System.getenv("USER"), System.getenv("HOST"), Integer.parseInt(System.getenv("PORT")));
    if (args.length > 1) {
      jsch.addIdentity(args[1]);
    } else {
      session.setPassword(System.getenv("PASSWORD"));
    }
    session.connect(60000);
    try {
      System.out.println(session.getHostKey().getType());
      ChannelSftp sftp = (ChannelSftp) session.openChannel("sftp");
      sftp.connect();
      Client client = new Client(sftp);
      for (String line : Files.readAllLines(Path.of(args[0]))) {
        if (!line.isEmpty()) {
          client.run(words(line));
        }
      }
    } finally {
      session.disconnect(); // or its thread goes on for ever
    }
  }

  private Client(ChannelSftp sftp) {
    this.sftp = sftp;
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher m = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(line);
    while (m.find()) {
      words.add(m.group(1) != null ? m.group(1) : m.group(2));
    }
    return words;
  }

  private void run(List<String> words) throws Exception {
    if (!words.get(0).equals("refused")) {
      perform(words);
      return;
    }
    try {
      perform(words.subList(2, words.size()));
    } catch (SftpException e) {
      if (e.id == Integer.parseInt(words.get(1))) {
        return;
      }
      throw e;
    }
    throw new IllegalStateException(words + ": it was not refused");
  }

  private void perform(List<String> words) throws Exception {
    String a = words.size() > 1 ? words.get(1) : null;
    String b = words.size() > 2 ? words.get(2) : null;
    switch (words.get(0)) {
      case "put":
        sftp.put(a, b, ChannelSftp.OVERWRITE);
        break;
      case "append":
        sftp.put(a, b, ChannelSftp.APPEND);
        break;
      case "reput":
        sftp.put(a, b, ChannelSftp.RESUME);
        break;
      case "write": // as programs do that make what they send
        try (OutputStream out = sftp.put(b)) {
          out.write(Files.readAllBytes(Path.of(a)));
        }
        break;
      case "get":
        sftp.get(a, b);
        break;
      case "reget":
        sftp.get(a, b, null, ChannelSftp.RESUME);
        break;
      case "ls":
        for (Object e : sftp.ls(a)) {
          System.out.println(e);
        }
        break;
      case "stat":
        System.out.println(sftp.stat(a).getSize() + " " + sftp.stat(a).getMTime());
        break;
      case "mtime":
        sftp.setMtime(a, Integer.parseInt(b));
        break;
      case "chmod":
        sftp.chmod(Integer.parseInt(b, 8), a);
        break;
      case "df":
        System.out.println(sftp.statVFS(a).getAvail());
        break;
      case "pwd":
        System.out.println(sftp.pwd());
        break;
      case "cd":
        sftp.cd(a);
        break;
      case "mkdir":
        sftp.mkdir(a);
        break;
      case "rmdir":
        sftp.rmdir(a);
        break;
      case "rename":
        sftp.rename(a, b);
        break;
      case "rm":
        sftp.rm(a);
        break;
      default:
        throw new IllegalStateException("no such command: " + words);
    }
  }
}
