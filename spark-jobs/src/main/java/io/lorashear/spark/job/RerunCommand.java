package io.lorashear.spark.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.cli.Failures;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.runs.Repetition;
import io.lorashear.settings.Overrides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear rerun}: makes the result of a stage again, and compares. */
@Command(
    name = "rerun",
    mixinStandardHelpOptions = true,
    description =
        "Makes the published result of a stage again in another folder, by the command, settings"
            + " and inputs of its record, and says whether the files are the same or what differs:"
            + " inputs, the program's code, files. Exit code 1 means that something differs.",
    footer = {"", "Example:", "  lorashear rerun work/pruned"})
public final class RerunCommand implements Callable<Integer> {
  private static final String RECORD = ".run.json";

  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "RESULT",
      description = "The folder NAME that a stage published, or NAME.run.json beside it.")
  Path given = Path.of("");

  @Option(
      names = "--work",
      paramLabel = "FOLDER",
      description = "Folder to work in; by default a new one for temporary files.")
  @Nullable Path work;

  @Override
  public Integer call() throws IOException {
    var file = record();
    var name = file.getFileName().toString().replace(RECORD, "");
    var first = PublishedDirectory.openVerified(file.resolveSibling(name));
    var record = JsonFile.read(file);
    requireStage(record, file);
    var place = work == null ? Files.createTempDirectory("lorashear-rerun") : work;
    Files.createDirectories(place);
    var output = place.resolve(name);
    var arguments = arguments(record, place, output);
    say("lorashear " + String.join(" ", arguments));
    int code =
        Lorashear.commandLine()
            .setOut(spec.commandLine().getOut())
            .setErr(spec.commandLine().getErr())
            .execute(arguments.toArray(String[]::new));
    if (code != 0) {
      say("%s could not be made again".formatted(name));
      return code;
    }
    return compared(new Repetition(first, PublishedDirectory.openVerified(output)), output);
  }

  private Path record() {
    var path = given.toAbsolutePath().normalize();
    var file = Files.isDirectory(path) ? path.resolveSibling(path.getFileName() + RECORD) : path;
    if (!Files.isRegularFile(file) || !file.toString().endsWith(RECORD)) {
      throw new InputException(
          "%s does not exist, or is no record of a run: name a folder that a stage published, with"
              + " NAME.run.json beside it",
          file);
    }
    return file;
  }

  private void requireStage(JsonNode record, Path file) {
    var command = record.path("command").asText();
    var known = spec.root().subcommands().get(command);
    if (known == null || known.getCommandSpec().findOption("--config") == null) {
      throw new InputException(
          "%s is of the command '%s', which takes no settings by --config: name the result of one"
              + " stage, such as prune or recover",
          file, command);
    }
  }

  private static List<String> arguments(JsonNode record, Path place, Path output)
      throws IOException {
    var settings = place.resolve(output.getFileName() + ".yaml");
    Files.writeString(settings, record.path("settings").toPrettyString());
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of(record.path("command").asText(), "--config", settings.toString()));
    arguments.addAll(List.of("--set", Overrides.quoted("output", output)));
    return arguments;
  }

  private int compared(Repetition repetition, Path output) {
    var differences = repetition.differences();
    if (differences.isEmpty()) {
      say("the same %,d files; they lie in %s".formatted(repetition.sameFiles(), output));
      return 0;
    }
    differences.forEach(this::say);
    say("%,d files are the same; the new ones lie in %s".formatted(repetition.sameFiles(), output));
    return Failures.FAILED;
  }

  private void say(String text) {
    spec.commandLine().getOut().println(text);
    spec.commandLine().getOut().flush();
  }
}
