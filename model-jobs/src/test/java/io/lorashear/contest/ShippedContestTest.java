package io.lorashear.contest;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.method.Method;
import io.lorashear.settings.Overrides;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class ShippedContestTest {
  @Test
  void everyMethodHasARow() {
    var here = Path.of("conf/contest/smollm2-135m.yaml");
    var file =
        new ContestFile(Files.exists(here) ? here : Path.of("..").resolve(here), Overrides.none());
    var contest = file.load();
    var methods = EnumSet.noneOf(Method.class);
    for (var cell : Contest.first(contest)) {
      methods.add(file.with(contest, cell).prune().method());
    }
    assertThat(methods).isEqualTo(EnumSet.allOf(Method.class));
    assertThat(contest.evaluate().limit()).isEqualTo(100);
    assertThat(contest.instruct().sources()).containsExactly("alpaca");
  }
}
