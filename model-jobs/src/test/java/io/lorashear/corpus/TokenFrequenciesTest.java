package io.lorashear.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.run.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFrequenciesTest {
  private record NoSettings() {}

  @TempDir Path temporary;
  private Path corpus;

  @BeforeEach
  void corpus() throws IOException {
    corpus = SmallCorpus.write(temporary.resolve("corpus"));
  }

  /** Row r of shard s holds 100 s + r and the two ids after it; 0 fills it, 200 is validation. */
  @Test
  void trainingRowsAreCountedWithoutTheirFilling() {
    var counts = TokenFrequencies.read(corpus).counts();
    assertThat(counts).containsOnlyKeys("alpaca", "wikipedia");
    var ofSource = counts.get("wikipedia");
    assertThat(Arrays.copyOf(ofSource, 13)).containsExactly(1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 2, 1, 0);
    assertThat(Arrays.copyOfRange(ofSource, 99, 104)).containsExactly(0, 1, 2, 3, 3);
    assertThat(ofSource).hasSize(1000);
    assertThat(ofSource[202]).isZero();
    assertThat(Arrays.stream(ofSource).sum()).isEqualTo(60);
  }

  @Test
  void publishedCountsAreReadAgain() {
    var counted = TokenFrequencies.read(corpus);
    var target = temporary.resolve("counts");
    Stage.of("count", target, new NoSettings(), TokenFrequencies.class).run(counted::writeTo);
    var read = TokenFrequencies.read(target);
    assertThat(read.tokenizer()).isEqualTo("tokenizer");
    assertThat(read.counts().get("alpaca")).isEqualTo(counted.counts().get("alpaca"));
    assertThat(read.summary())
        .startsWith("alpaca                     60 tokens, 976 of 1,000 ids never\n");
  }

  @Test
  void sourcesOfTwoCorporaAreAdded() {
    var one = TokenFrequencies.read(corpus);
    var other = new TokenFrequencies("tokenizer", new TreeMap<>(Map.of("web", new long[1000])));
    other.counts().get("web")[5] = 7;
    var both = one.plus(other).plus(one);
    assertThat(both.total()[5]).isEqualTo(3 * 2 * 2 + 7);
    assertThat(both.counts()).containsOnlyKeys("alpaca", "web", "wikipedia");
    assertThatThrownBy(() -> one.plus(new TokenFrequencies("another", new TreeMap<>())))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the corpora were made by two tokenizers (SHA-256 tokenizer and another): give corpora"
                + " of one");
  }

  @Test
  void aRemovedTokenCostsItsPartsButOne() {
    var parts = new int[1000];
    Arrays.fill(parts, 1);
    parts[2] = 4;
    parts[900] = 0;
    assertThat(TokenFrequencies.read(corpus).growth(parts))
        .containsExactly(Map.entry("alpaca", 9L), Map.entry("wikipedia", 9L));
  }
}
