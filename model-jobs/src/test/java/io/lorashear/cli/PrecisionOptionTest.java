package io.lorashear.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.torch.PrecisionChoice;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.TrainSettings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class PrecisionOptionTest {
  @Command
  static final class Trains {
    @Mixin DeviceOption device = new DeviceOption();
    @Mixin PrecisionOption precision = new PrecisionOption();

    /** A record that has training settings, as a stage's has. */
    record Stage(TrainSettings train) {}

    Precision trained() {
      var settings = Settings.defaults(Stage.class, precision.in("train.precision"));
      return settings.train().precision().on(device.device());
    }
  }

  private static Trains given(String... words) {
    var command = new Trains();
    new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(words);
    return command;
  }

  @ParameterizedTest
  @CsvSource({
    "AUTO, FLOAT32, BFLOAT16",
    "FLOAT32, FLOAT32, FLOAT32",
    "BFLOAT16, BFLOAT16, BFLOAT16"
  })
  void autoIsNarrowOnAGpuAlone(PrecisionChoice choice, Precision cpu, Precision gpu) {
    assertThat(choice.on(Device.cpu())).isEqualTo(cpu);
    assertThat(choice.on(Device.gpu())).isEqualTo(gpu);
  }

  @Test
  void aStageTrainsInWhatIsGiven() {
    assertThat(given("--precision", "bfloat16").trained()).isEqualTo(Precision.BFLOAT16);
    assertThat(given("--precision", "auto", "--device", "cpu").trained())
        .isEqualTo(Precision.FLOAT32);
    assertThat(given().trained()).isEqualTo(Precision.FLOAT32);
  }

  @Test
  void settingsOfTheUserGoBeforeTheOption() {
    var option = given("--precision", "bfloat16");
    var own = Overrides.given(List.of("train.precision=float32"));
    var all = option.precision.in("train.precision").and(own);
    assertThat(Settings.defaults(Trains.Stage.class, all).train().precision())
        .isEqualTo(PrecisionChoice.FLOAT32);
  }

  @Test
  void tf32IsForGpusAlone() {
    assertThat(PrecisionChoice.TF32.on(Device.gpu())).isEqualTo(Precision.TF32);
    assertThatThrownBy(() -> PrecisionChoice.TF32.on(Device.cpu()))
        .hasMessage(
            "precision is tf32, in which GPUs alone compute, and this runs on the CPU: give"
                + " float32, bfloat16 or auto");
  }

  @Test
  void otherTypesAreNone() {
    assertThatThrownBy(() -> given("--precision", "float16"))
        .hasMessageContaining("expected one of [AUTO, FLOAT32, TF32, BFLOAT16]");
  }
}
