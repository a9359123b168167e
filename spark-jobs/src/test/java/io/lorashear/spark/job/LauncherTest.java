package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;

class LauncherTest {

  @Test
  void theLauncherGivesJavaTheFlagsSparkNeeds() throws IOException {
    var given = Files.readAllLines(Path.of("..", "bin", "spark-flags"));
    assertThat(given)
        .containsAll(List.of(JavaModuleOptions.defaultModuleOptions().strip().split("\\s+")));
  }

  @Test
  void everyCommandHasAnExample() {
    var root = Lorashear.commandLine();
    root.getSubcommands()
        .forEach(
            (name, command) ->
                assertThat(command.getUsageMessage()).as(name).contains("lorashear " + name + " "));
  }

  @Test
  void aMistypedCommandNamesTheNearest() {
    var told = new StringWriter();
    var code = Lorashear.commandLine().setErr(new PrintWriter(told)).execute("smaple");
    assertThat(code).isEqualTo(2);
    assertThat(told.toString()).contains("Did you mean: lorashear sample");
  }

  @Test
  void badInputIsToldWithoutAStackTrace() {
    var told = new StringWriter();
    var code =
        Lorashear.commandLine().setErr(new PrintWriter(told)).execute("inspect", "no-such-model");
    assertThat(code).isEqualTo(2);
    assertThat(told.toString())
        .startsWith("no-such-model does not exist")
        .doesNotContain("\tat ")
        .hasLineCount(1);
  }
}
