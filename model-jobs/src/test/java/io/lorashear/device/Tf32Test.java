package io.lorashear.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The switch itself, which is there without a GPU too and changes nothing on a CPU. */
@EnabledOnOs(OS.LINUX)
class Tf32Test {
  @AfterEach
  void off() {
    Tf32.allow(false);
  }

  @Test
  void isWhatItIsSetTo() {
    Tf32.allow(true);
    assertThat(Tf32.allowed()).isTrue();
    Tf32.allow(false);
    assertThat(Tf32.allowed()).isFalse();
  }
}
