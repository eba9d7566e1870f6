package io.revfs.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.reach.Passages;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * One call of a command: who asks for what, and the way to answer. Arguments have the names of
 * DVC's long options without the dashes ({@code all-branches}), and those of its positional
 * arguments ({@code targets}). Answering is thread-safe.
 */
public final class Invocation {
  private static final long PROGRESS_NANOSECONDS = 100_000_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Arguments that all commands have. */
  private static final List<String> COMMON =
      List.of("json", "quiet", "verbose", "wait-for-lock", "caller-pid");

  private final Caller caller;
  private final JsonNode arguments;
  private final Conversation conversation;
  private final Map<String, String> runVariables;
  private final AtomicLong progressTold = new AtomicLong(System.nanoTime() - PROGRESS_NANOSECONDS);
  private volatile int exit;

  /**
   * Who calls.
   *
   * @param directory the caller's current directory, absolute
   * @param environment the variables that were sent: {@code HOME}, {@code DVC_*}, {@code GIT_*},
   *     {@code XDG_*}, those of cloud providers and of SSH's agent
   * @param interactive whether somebody sits at a terminal and can answer
   * @param umask what the caller takes away from the mode of new files
   */
  public record Caller(
      Path directory, Map<String, String> environment, boolean interactive, int umask) {
    public Caller {
      environment = Map.copyOf(environment);
    }
  }

  /** {@code arguments} is an object of booleans, numbers, texts and lists of texts. */
  public Invocation(Caller caller, JsonNode arguments, Conversation conversation) {
    this(caller, arguments, conversation, Map.of());
  }

  private Invocation(
      Caller caller,
      JsonNode arguments,
      Conversation conversation,
      Map<String, String> runVariables) {
    this.caller = caller;
    this.arguments = arguments;
    this.conversation = conversation;
    this.runVariables = Map.copyOf(runVariables);
  }

  /** Returns the same call as if it had been made in another directory. */
  public Invocation in(Path directory) {
    Caller there =
        new Caller(directory, caller.environment(), caller.interactive(), caller.umask());
    return new Invocation(there, arguments, conversation, runVariables);
  }

  /**
   * Returns the same call with other arguments, for another command; those that all commands have
   * stay.
   *
   * @param others booleans, numbers, texts and lists of texts by name
   */
  public Invocation withArguments(Map<String, ?> others) {
    ObjectNode all = common();
    others.forEach((name, value) -> all.set(name, JSON.valueToTree(value)));
    return new Invocation(caller, all, conversation, runVariables);
  }

  /** Returns the arguments that are this command's own, by name. */
  public Map<String, Object> arguments() {
    Map<String, Object> own = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> argument : arguments.properties()) {
      if (!COMMON.contains(argument.getKey())) {
        own.put(argument.getKey(), JSON.convertValue(argument.getValue(), Object.class));
      }
    }
    return own;
  }

  /** Returns the same call, whose caller's commands get further environment variables. */
  public Invocation withRunVariables(Map<String, String> variables) {
    return new Invocation(caller, arguments, conversation, variables);
  }

  /** Returns the same call, of which somebody in between hears what is said. */
  public Invocation through(UnaryOperator<Conversation> between) {
    return new Invocation(caller, arguments, between.apply(conversation), runVariables);
  }

  /** Returns environment variables for the commands that the caller runs for this one. */
  public Map<String, String> runVariables() {
    return runVariables;
  }

  /** Returns the same call without what is for one command only, for another command. */
  public Invocation withoutArguments() {
    return new Invocation(caller, common(), conversation, runVariables);
  }

  private ObjectNode common() {
    ObjectNode common = JsonNodeFactory.instance.objectNode();
    for (String name : COMMON) {
      if (arguments.has(name)) {
        common.set(name, arguments.get(name));
      }
    }
    return common;
  }

  /** Returns a call of another command by the same caller, with the common arguments and these. */
  public Invocation with(ObjectNode more) {
    ObjectNode all = more.deepCopy();
    for (String name : COMMON) {
      if (arguments.has(name)) {
        all.set(name, arguments.get(name));
      }
    }
    return new Invocation(caller, all, conversation);
  }

  /** Returns the caller's current directory, absolute. */
  public Path directory() {
    return caller.directory();
  }

  /** Returns the caller's variables, as far as they were sent. */
  public Map<String, String> environment() {
    return caller.environment();
  }

  /** Returns whether somebody sits at a terminal. */
  public boolean interactive() {
    return caller.interactive();
  }

  /** Returns what the caller takes away from the mode of new files, usually 022. */
  public int umask() {
    return caller.umask();
  }

  /** Returns the home directory of the caller. */
  public Path home() {
    return Path.of(environment().getOrDefault("HOME", System.getProperty("user.home")));
  }

  /** Returns a path of the caller made absolute, without {@code .} and {@code ..}. */
  public Path resolve(String path) {
    return Passages.resolve(directory(), path.startsWith("/") ? withoutLink(path) : path);
  }

  /**
   * Returns an absolute path that goes through the link by which the caller's shell came to the
   * directory, as it is without that link.
   */
  private String withoutLink(String path) {
    Path linked = Path.of(environment().getOrDefault("PWD", "/"));
    Path real = Passages.shown(directory());
    int linkedNames = linked.getNameCount();
    int realNames = real.getNameCount();
    while (linkedNames > 0
        && realNames > 0
        && linked.getName(linkedNames - 1).equals(real.getName(realNames - 1))) {
      linkedNames--;
      realNames--;
    }
    Path link = top(linked, linkedNames);
    boolean through = linkedNames > 0 && Path.of(path).startsWith(link);
    return through ? top(real, realNames).resolve(link.relativize(Path.of(path))).toString() : path;
  }

  private static Path top(Path path, int names) {
    Path root = Path.of("/");
    return names == 0 ? root : root.resolve(path.subpath(0, names));
  }

  /** Returns how a path is shown to the caller: from the caller's directory. */
  public String shown(Path path) {
    return Passages.shown(directory()).relativize(Passages.shown(path)).toString();
  }

  /** Returns whether a switch was given. */
  public boolean flag(String name) {
    return arguments.path(name).asBoolean(false);
  }

  /** Returns the value of an option or positional argument. */
  public Optional<String> value(String name) {
    JsonNode node = arguments.path(name);
    return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node.asText());
  }

  /**
   * Returns the value of what the command line cannot do without.
   *
   * @throws CommandFailure if it is absent all the same
   */
  public String required(String name) throws CommandFailure {
    Optional<String> value = value(name);
    if (value.isEmpty()) {
      throw new CommandFailure("'" + name + "' is missing", "see --help", CommandFailure.USAGE);
    }
    return value.get();
  }

  /** Returns the values of what may be given several times; none if it was not given. */
  public List<String> values(String name) {
    List<String> values = new ArrayList<>();
    arguments.path(name).forEach(item -> values.add(item.asText()));
    return values;
  }

  /** Returns whether an option was given at all. */
  public boolean has(String name) {
    return arguments.hasNonNull(name);
  }

  /** Returns the value of an option that is a whole number. */
  public OptionalLong number(String name) {
    JsonNode node = arguments.path(name);
    return node.isNumber() ? OptionalLong.of(node.asLong()) : OptionalLong.empty();
  }

  /** Writes a line of standard output, or several with line breaks in them. */
  public void out(String line) {
    conversation.send("out", line);
  }

  /** Writes a line of standard error. */
  public void warn(String line) {
    conversation.send("warn", line);
  }

  /** Says that a stage ran, by its id from the project's root; for commands in between. */
  public void ran(String stage) {
    conversation.send("ran", stage);
  }

  /** Says that something that ran was recorded, by the record's id; for commands in between. */
  public void traced(String run) {
    conversation.send("traced", run);
  }

  /**
   * Says that a stage cannot be run where it would be recorded, and would see what is shown to it,
   * and why; for commands in between.
   */
  public void unseen(String why) {
    conversation.send("unseen", why);
  }

  /**
   * Says how far the command is; told to the caller ten times a second at most.
   *
   * @param total 0 if it is not known
   * @param unit {@code bytes}, or what is counted, for instance {@code files}
   */
  public void progress(String label, long done, long total, String unit) {
    long now = System.nanoTime();
    long told = progressTold.get();
    boolean due = now - told >= PROGRESS_NANOSECONDS || (done == total && total > 0);
    if (due && progressTold.compareAndSet(told, now)) {
      Map<String, Object> content = new LinkedHashMap<>();
      content.put("label", label);
      content.put("done", done);
      content.put("total", total);
      content.put("unit", unit);
      conversation.send("progress", content);
    }
  }

  /** Gives what {@code --json} prints: Jackson's tree, or maps, lists and records. */
  public void result(Object json) {
    conversation.send("result", json);
  }

  /**
   * Gives one element of the list that {@code --json} prints, instead of {@link #result}: for lists
   * that are too long to be held.
   */
  public void item(Object json) {
    conversation.send("item", json);
  }

  /** Lets the caller write a file. */
  public void save(String path, String text) {
    conversation.send("save", Map.of("path", path, "text", text));
  }

  /**
   * Gives a piece of what {@code --json} prints, as text, instead of {@link #result}: for what was
   * made as text, or has numbers that JSON does not have.
   */
  public void jsonText(String piece) {
    conversation.send("json", piece);
  }

  /**
   * Asks a question that is answered by yes or no; no if nobody sits at a terminal.
   *
   * @throws InterruptedIOException if the caller went away instead
   */
  public boolean ask(String question) throws IOException {
    if (!interactive()) {
      return false;
    }
    String answer = conversation.ask("ask", question).asText().strip().toLowerCase(Locale.ROOT);
    return answer.equals("y") || answer.equals("yes");
  }

  /**
   * Lets the caller do something and waits for its answer.
   *
   * @param name the event's name
   * @throws InterruptedIOException if the caller went away
   */
  public JsonNode request(String name, Object content) throws IOException {
    return conversation.ask(name, content);
  }

  /** Sets the exit code of a command that ends without failure; 0 unless it is called. */
  public void exit(int code) {
    exit = code;
  }

  /** Returns the exit code. */
  public int exit() {
    return exit;
  }

  /**
   * Ends the command if the caller has gone; for loops that do not wait for anything.
   *
   * @throws InterruptedIOException if it has
   */
  public static void checkInterrupted() throws InterruptedIOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
  }
}
