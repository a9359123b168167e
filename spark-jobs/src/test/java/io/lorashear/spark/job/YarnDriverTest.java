package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.cli.Failures;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YarnDriverTest {
  private Properties before = new Properties();

  @BeforeEach
  void keepProperties() {
    before = (Properties) System.getProperties().clone();
  }

  @AfterEach
  void restoreProperties() {
    System.setProperties(before);
  }

  private static void submitted(String master, String mode) {
    System.setProperty("spark.master", master);
    System.setProperty("spark.submit.deployMode", mode);
  }

  @ParameterizedTest
  @CsvSource({
    "yarn, cluster, true",
    "yarn, client, false",
    "spark://host:7077, cluster, false",
    "k8s://https://host:6443, client, false"
  })
  void itIsTheDriverThatYarnRuns(String master, String mode, boolean expected) {
    submitted(master, mode);
    assertThat(YarnDriver.isThisProcess()).isEqualTo(expected);
  }

  @Test
  void aCommandThatSucceedsReturns() {
    var out = new StringWriter();
    YarnDriver.run(Lorashear.commandLine().setOut(new PrintWriter(out, true)), "ingest", "--help");
    assertThat(out.toString()).contains("lorashear ingest");
  }

  @Test
  void theMessageOfAFailureIsWhatYarnIsTold() {
    assertThatThrownBy(
            () -> YarnDriver.run(Lorashear.commandLine(), "ingest", "--config", "none.yaml"))
        .isInstanceOf(YarnDriver.Failed.class)
        .hasMessage("There is no settings file none.yaml: check the path");
  }

  @Test
  void itIsAlsoOnTheErrorStream() {
    var err = new StringWriter();
    var line = Failures.commandLine(new IngestJob()).setErr(new PrintWriter(err, true));
    assertThatThrownBy(() -> YarnDriver.run(line, "--config", "none.yaml"))
        .hasMessage(err.toString().strip());
  }

  @Test
  void aFailureThatSaidNothingNamesItsCode() {
    var line = Failures.commandLine(new IngestJob());
    line.setExecutionStrategy(parsed -> 143);
    assertThatThrownBy(() -> YarnDriver.run(line, "--config", "none.yaml"))
        .hasMessage("ended with code 143: see its log");
  }
}
