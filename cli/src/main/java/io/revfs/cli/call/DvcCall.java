package io.revfs.cli.call;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.caller.CallerScript;
import io.revfs.cli.caller.CallerState;
import io.revfs.cli.caller.Endings;
import io.revfs.cli.caller.OwnProcess;
import io.revfs.cli.caller.RecordedProcess;
import io.revfs.cli.caller.Signals;
import io.revfs.cli.client.Client;
import io.revfs.cli.command.Options;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.dvc.DvcArgument;
import io.revfs.cli.dvc.DvcCommand;
import io.revfs.cli.dvc.DvcOption;
import io.revfs.cli.run.LocalExecutor;
import io.revfs.cli.run.StageExecutor;
import io.revfs.cli.run.StageJob;
import io.revfs.cli.run.StageOutput;
import io.revfs.cli.run.slurm.SlurmExecutor;
import io.revfs.cli.terminal.CommandException;
import io.revfs.cli.terminal.ProgressBar;
import io.revfs.cli.terminal.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Any command of DVC's table: reads the arguments that its row names, lets the daemon do the work
 * and shows what it says.
 */
public final class DvcCall extends RevfsCommand {
  private static final byte[] RESULT = "{\"result\":".getBytes(StandardCharsets.UTF_8);

  /** What is read as a whole, and may be long. */
  private static final Set<String> PAGED = Set.of("dag", "exp show");

  /** What runs a task of the queue; it has no terminal. */
  private static final String TASK = "exp exec-run";

  private final String program;
  private final DvcCommand row;
  private final GlobalOptions global;
  private final Map<String, Object> arguments = new LinkedHashMap<>();
  private boolean standardInput;
  private boolean items;
  private boolean textual;
  private int exit = CommandException.OTHER;
  private @Nullable ProgressBar bar;
  private @Nullable StageExecutor executor;
  private @Nullable Runnable ending;
  private volatile boolean ended;

  /** What is shown page by page in the end; null: all is shown as it comes. */
  private @Nullable StringBuilder pages;

  /** {@code program} is the name that help shows. */
  public DvcCall(String program, DvcCommand row, GlobalOptions global) {
    this.program = program;
    this.row = row;
    this.global = global;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(this).name(row.word());
    spec.aliases(row.aliases().toArray(String[]::new));
    spec.usageMessage()
        .description(row.summary())
        .hidden(row.hidden())
        .footer(
            "",
            ("Example: " + program + " " + row.name() + " " + row.example())
                .strip()
                .replace("%", "%%")); // it is a format
    row.options().forEach(option -> spec.addOption(option(option)));
    PythonOptions.addTo(spec);
    for (int i = 0; i < row.arguments().size(); i++) {
      DvcArgument argument = row.arguments().get(i);
      spec.addPositional(positional(argument, i));
      if (argument.rest()) {
        spec.parser().stopAtPositional(true);
      }
    }
    return spec;
  }

  private OptionSpec option(DvcOption option) {
    OptionSpec.Builder spec =
        OptionSpec.builder(option.names().toArray(String[]::new))
            .description(option.description())
            .paramLabel(option.label().isEmpty() ? "VALUE" : option.label())
            .setter(new Options.Setter(value -> take(option, value)));
    return switch (option.kind()) {
      case FLAG, STANDARD_INPUT -> spec.type(boolean.class).arity("0").build();
      case VALUE -> spec.type(String.class).arity("1").build();
      case NUMBER -> spec.type(Long.class).arity("1").build();
      case REPEATED -> spec.type(String[].class).arity("1").build();
      case LIST -> spec.type(String[].class).arity("1..*").build();
      case OPTIONAL ->
          spec.type(String.class).arity("0..1").fallbackValue(option.choices().getLast()).build();
    };
  }

  private void take(DvcOption option, Object value) {
    if (option.kind() == DvcOption.Kind.STANDARD_INPUT) {
      standardInput = (Boolean) value;
      return;
    }
    Object plain = value instanceof String[] several ? List.of(several) : value;
    List<?> each = plain instanceof List<?> list ? list : List.of(plain);
    for (Object one : each) {
      if (!option.choices().isEmpty() && !option.choices().contains(one)) {
        throw new CommandException(
            option.names().getLast() + " must be one of " + String.join(", ", option.choices()),
            "",
            CommandException.USAGE);
      }
    }
    boolean more = plain instanceof List<?> && arguments.get(option.key()) instanceof List<?>;
    arguments.put(option.key(), more ? joined(arguments.get(option.key()), plain) : plain);
  }

  /** An option that is given again adds to what was given before. */
  private static List<Object> joined(@Nullable Object before, Object more) {
    List<Object> all = new ArrayList<>();
    for (Object one : new Object[] {before, more}) {
      if (one instanceof List<?> list) {
        all.addAll(list);
      }
    }
    return all;
  }

  private PositionalParamSpec positional(DvcArgument argument, int index) {
    PositionalParamSpec.Builder spec =
        PositionalParamSpec.builder()
            .paramLabel(argument.name().toUpperCase(java.util.Locale.ROOT))
            .description(argument.description())
            .setter(
                new Options.Setter(
                    value ->
                        arguments.put(
                            argument.name(),
                            value instanceof String[] several ? List.of(several) : value)));
    return argument.many()
        ? spec.index(index + "..*")
            .type(String[].class)
            .arity(argument.least() + "..*")
            .required(argument.least() > 0 && !argument.rest())
            .build()
        : spec.index(String.valueOf(index))
            .type(String.class)
            .arity(argument.least() == 0 ? "0..1" : "1")
            .required(argument.least() > 0)
            .build();
  }

  @Override
  protected int run() throws IOException {
    boolean silent = quiet || global.quiet();
    bar = new ProgressBar(silent || json);
    if (row.name().equals(TASK)) {
      Signals.onInterrupt(this::killTask);
    }
    byte[][] result = {new byte[0]};
    boolean whole = !json && !arguments.containsKey("no-pager") && !arguments.containsKey("live");
    boolean paged = PAGED.contains(row.name()) && whole;
    pages = paged && Terminal.isThere() ? new StringBuilder() : null;
    try {
      ask(silent, line -> result[0] = line);
    } catch (RunGoesOnException e) {
      e.awaitDaemon();
      arguments.putAll(e.arguments());
      ask(silent, line -> result[0] = line);
    } finally {
      clear();
      showPages();
      if (ending != null) {
        ending.run(); // there is nothing to end, unless the daemon broke off
        Endings.remove(ending);
      }
    }
    if (items) {
      output.line("]");
    }
    if (textual) {
      output.line("");
    }
    if (result[0].length > 0) {
      int length = result[0].length - RESULT.length - 1;
      output.bytes(Arrays.copyOfRange(result[0], RESULT.length, RESULT.length + length));
      output.line("");
    }
    return exit;
  }

  /** DVC kills a run by interrupting its process; it is not to be run again then. */
  private void killTask() {
    try (Client daemon = daemon()) {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("command", "queue kill");
      body.put("arguments", Map.of("task", List.of(String.valueOf(arguments.get("task")))));
      body.putAll(CallerState.of(global.directory()));
      daemon.rawLines("POST", "/v1/dvc", Map.of(), body, line -> {});
    } catch (IOException e) {
      System.err.println("the daemon is not told that this was killed: " + e.getMessage());
    }
    System.exit(CommandException.INTERRUPTED);
  }

  private void ask(boolean silent, Consumer<byte[]> result) throws IOException {
    try (Client daemon = daemon()) {
      daemon.rawLines(
          "POST",
          "/v1/dvc",
          Map.of(),
          request(silent),
          line -> {
            if (!isResult(line)) {
              show(Client.JSON.readTree(line), silent);
            } else if (json) {
              result.accept(line);
            }
          });
    }
  }

  /** What {@code --json} prints is passed on as it is; it may be large. */
  private static boolean isResult(byte[] line) {
    return line.length > RESULT.length
        && Arrays.equals(line, 0, RESULT.length, RESULT, 0, RESULT.length);
  }

  private Map<String, Object> request(boolean silent) throws IOException {
    if (standardInput) {
      if (arguments.containsKey("targets")) {
        throw new CommandException(
            "cannot have both `targets` and `--stdin`", "leave one out", CommandException.OTHER);
      }
      arguments.put("stdin", true);
      arguments.put("targets", lines());
    }
    Map<String, Object> all = new LinkedHashMap<>(arguments);
    all.put("json", json);
    all.put("quiet", silent);
    all.put("verbose", verbosity + global.verbosity());
    all.put("wait-for-lock", global.waitForLock());
    all.put("caller-pid", ProcessHandle.current().pid());
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("command", row.name());
    body.put("arguments", all);
    body.putAll(CallerState.of(global.directory()));
    return body;
  }

  private static List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      lines.add(line);
    }
    return lines;
  }

  /** Shows one line of the answer. */
  private void show(JsonNode event, boolean silent) {
    if (event.has("out")) {
      if (!json && !silent) {
        clear();
        line(event.get("out").asText());
      }
    } else if (event.has("item")) {
      item(event.get("item"));
    } else if (event.has("warn")) {
      if (!silent) {
        clear();
        System.err.println(event.get("warn").asText());
      }
    } else if (event.has("progress")) {
      if (json && !silent) {
        System.err.println(event); // standard output is for the result
      }
      progress(event.get("progress"));
    } else if (event.has("ask")) {
      clear();
      answer(event.get("ask"));
    } else if (event.has("json")) {
      if (json) {
        String piece = event.get("json").asText();
        output.bytes(piece.getBytes(StandardCharsets.UTF_8));
        textual = !piece.endsWith("\n");
        if (!textual) {
          output.flush(); // a line by itself is news
        }
      }
    } else if (event.has("exec")) {
      JsonNode request = event.get("exec");
      send(request, OwnProcess.exec(request.path("content")));
    } else if (event.has("spawn")) {
      JsonNode request = event.get("spawn");
      send(request, OwnProcess.spawn(request.path("content")));
    } else if (event.has("run")) {
      clear();
      output.flush();
      runStage(event.get("run"));
    } else if (event.has("script")) {
      clear();
      output.flush();
      JsonNode script = event.get("script");
      send(script, CallerScript.run(script.path("content")));
    } else if (event.has("launch")) {
      clear();
      output.flush();
      launch(event.get("launch"));
    } else if (event.has("save")) {
      save(event.get("save"));
    } else if (event.has("exit")) {
      exit = event.get("exit").asInt();
    } else if (event.has("error")) {
      JsonNode error = event.get("error");
      clear();
      output.flush();
      throw new CommandException(
          error.path("message").asText(),
          error.path("hint").asText(),
          error.path("exit").asInt(CommandException.OTHER));
    }
  }

  /** Runs a recorded command, which may outlive the daemon that has asked for it. */
  private void launch(JsonNode request) {
    int status = RecordedProcess.run(request.path("content"));
    try {
      send(request, status);
    } catch (CommandException e) {
      throw new RunGoesOnException(request.path("content").path("run").asText(), status, e);
    }
  }

  private void line(String text) {
    if (pages != null) {
      pages.append(text).append('\n');
      return;
    }
    output.line(text);
    output.flush();
  }

  private void showPages() {
    StringBuilder all = pages;
    pages = null;
    if (all != null && !all.isEmpty() && !Terminal.page(all.toString(), System.getenv())) {
      line(all.toString().stripTrailing());
    }
  }

  /** Runs the commands of a stage while the daemon may say more. */
  private void runStage(JsonNode request) {
    StageExecutor by = executor(request.path("content").path("executor").asText());
    StageJob job = StageJob.of(request.path("content"));
    var unused =
        Thread.startVirtualThread(
            () -> {
              Object result;
              try {
                result = by.run(job);
              } catch (IOException e) {
                result = Map.of("exit", CommandException.OTHER, "reason", e.getMessage() + "");
              }
              try {
                if (!ended) {
                  send(request, result);
                }
              } catch (CommandException e) {
                return; // the daemon has gone, as whoever reads its answer sees
              }
            });
  }

  /** {@code name}: all stages of one call have the same. */
  private StageExecutor executor(String name) {
    if (executor == null) {
      PrintStream out = json ? System.err : System.out; // standard output is for the result
      StageOutput shown = new StageOutput(out, System.err, this::clear, !(quiet || global.quiet()));
      StageExecutor made =
          name.equals("slurm")
              ? new SlurmExecutor(System.getenv(), shown)
              : new LocalExecutor(System.getenv(), shown, json);
      ending =
          () -> {
            ended = true;
            made.close();
          };
      Endings.add(ending);
      executor = made;
    }
    return executor;
  }

  /** One of a list is printed as it comes: the list may be too long to be held. */
  private void item(JsonNode item) {
    if (json) {
      output.bytes(((items ? "," : "[") + item).getBytes(StandardCharsets.UTF_8));
      items = true;
    }
  }

  private static void save(JsonNode file) {
    try {
      Files.writeString(Path.of(file.path("path").asText()), file.path("text").asText());
    } catch (IOException e) {
      throw new CommandException(
          "cannot write " + file.path("path").asText() + ": " + e.getMessage(),
          "name a file in a directory that is there",
          CommandException.OTHER);
    }
  }

  private synchronized void clear() {
    ProgressBar.end();
  }

  private synchronized void progress(JsonNode progress) {
    if (bar != null) {
      bar.show(
          progress.path("done").asLong(),
          progress.path("total").asLong(),
          progress.path("unit").asText(),
          progress.path("label").asText());
    }
  }

  private void answer(JsonNode question) {
    System.err.print(question.path("content").asText() + " [y/n]: ");
    System.err.flush();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    try {
      line = reader.readLine();
    } catch (IOException e) {
      line = null;
    }
    send(question, line == null ? "n" : line);
  }

  /** Answers what the daemon waits for. */
  private void send(JsonNode question, Object answer) {
    try (Client other = daemon()) {
      var unused =
          other.post(
              "/v1/dvc/answers", Map.of("id", question.path("id").asText(), "answer", answer));
    } catch (IOException e) {
      throw new CommandException("cannot answer: " + e.getMessage(), "", CommandException.OTHER);
    }
  }
}
