import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Adds up a number of this name over the JSON on standard input. */
public final class Sum {
  public static void main(String[] words) throws Exception {
    String json = new String(System.in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    Matcher number = Pattern.compile("\"" + words[0] + "\"\\s*:\\s*(\\d+)").matcher(json);
    long sum = 0;
    while (number.find()) {
      sum += Long.parseLong(number.group(1));
    }
    System.out.println(sum);
  }
}
