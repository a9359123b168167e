package io.lorashear.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.reference.ReferenceData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands that run a model, as typed; the model is stories260K. */
@Tag("reference")
class ModelCommandsTest {
  @TempDir Path folder;

  @Test
  void generateGoesOnFromThePrompt() {
    var text = output(new GenerateCommand(), model(), "--prompt", "Once upon a", "--tokens", "12");
    assertThat(text).startsWith("Once upon a time, there was a").endsWith("\n");
  }

  @Test
  void theSeedDecidesWhatIsDrawn() {
    String[] drawn = {
      "--prompt", "One day", "--tokens", "10", "--temperature", "1", "--top-p", "0.9", "--seed"
    };
    assertThat(generate(drawn, "1"))
        .isEqualTo(generate(drawn, "1"))
        .isNotEqualTo(generate(drawn, "2"));
  }

  private String generate(String[] options, String seed) {
    var all = new String[options.length + 2];
    all[0] = model();
    System.arraycopy(options, 0, all, 1, options.length);
    all[all.length - 1] = seed;
    return output(new GenerateCommand(), all);
  }

  @Test
  void evaluatePrintsItsTable() throws IOException {
    Path questions =
        Files.writeString(
            folder.resolve("q.jsonl"),
            """
            {"id": "1", "context": "Once upon a", "choices": ["time", "car"], "answer": 0}
            """);
    var text =
        output(
            new EvaluateCommand(),
            "--checkpoint",
            model(),
            "--set",
            "tasks=[]",
            "--set",
            "choices.stories=" + questions,
            "--out",
            folder.resolve("out").toString());
    assertThat(text).contains("joint tokenisation", "stories", "100.00");
    assertThat(folder.resolve("out/results.json")).isRegularFile();
  }

  @Test
  void evaluateAnswersStoredRequests() throws IOException {
    Path requests =
        Files.writeString(
            folder.resolve("r.jsonl"),
            """
            {"context": "Once upon a", "continuation": " time"}
            """);
    var text =
        output(new EvaluateCommand(), "--checkpoint", model(), "--requests", requests.toString());
    assertThat(text)
        .startsWith("{\"context\":\"Once upon a\",\"continuation\":\" time\",\"log_likelihood\":-")
        .endsWith("\"is_greedy\":true}\n");
  }

  private static String output(Callable<Integer> command, String... arguments) {
    var out = new StringWriter();
    int code = new CommandLine(command).setOut(new PrintWriter(out)).execute(arguments);
    assertThat(code).isZero();
    return out.toString();
  }

  private static String model() {
    return ReferenceData.path("reference/stories260K-hf").toString();
  }
}
