package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.spark.version.SparkVersion;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class DoctorCommandTest {

  private static String told(String... words) {
    var line = Lorashear.commandLine();
    var out = new StringWriter();
    line.setOut(new PrintWriter(out));
    assertThat(line.execute(words)).isZero();
    return out.toString();
  }

  @Test
  void theTableAndTheJsonSayTheSame() throws Exception {
    var findings = new ObjectMapper().readTree(told("doctor", "--json")).path("findings");
    var table = told("doctor");
    assertThat(findings.findValuesAsText("what")).startsWith("java", "spark", "pytorch");
    assertThat(findings.get(1).path("state").asText()).isEqualTo("ok");
    assertThat(findings.get(1).path("facts").path("version").asText())
        .isEqualTo(SparkVersion.running().spark());
    for (var finding : findings) {
      assertThat(table).contains(finding.path("what").asText());
    }
  }
}
