package io.lorashear.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir Path folder;

  @Test
  void oneRunAtATimeHasAFolder() {
    try (var first = RunLock.require(folder)) {
      assertThat(first).isNotNull();
      assertThat(RunLock.take(folder)).isEmpty();
      assertThatThrownBy(() -> RunLock.require(folder))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "%s is being written by another run: wait for it, or choose another folder", folder);
    }
    RunLock.require(folder).close();
  }
}
