package io.lorashear.contest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MarksTest {

  /** The spread of the mean over many draws of questions is what the formula says of one. */
  @Test
  void theErrorIsTheSpreadOfManyDraws() {
    var random = new Random(1);
    double squares = 0;
    double said = 0;
    int draws = 4000;
    for (int draw = 0; draw < draws; draw++) {
      var marks = new Marks(Map.of("a", answers(random, 50, 0.7), "b", answers(random, 200, 0.4)));
      squares += Math.pow(marks.mean() - 0.55, 2);
      said += Math.pow(marks.standardError(), 2);
    }
    assertThat(Math.sqrt(said / draws)).isCloseTo(Math.sqrt(squares / draws), within(0.002));
  }

  private static List<Integer> answers(Random random, int questions, double right) {
    var answers = new ArrayList<Integer>();
    for (int i = 0; i < questions; i++) {
      answers.add(random.nextDouble() < right ? 1 : 0);
    }
    return answers;
  }

  @Property(tries = 50)
  void figuresAreReadAsTheyWereWritten(
      @ForAll @IntRange(min = 1, max = 30) int questions,
      @ForAll @DoubleRange(min = 0, max = 1) double right,
      @ForAll @DoubleRange(min = 0.01, max = 20) double nats) {
    var marks = new Marks(Map.of("task", answers(new Random(questions), questions, right)));
    assertThat(Marks.fromJson(marks.toJson())).isEqualTo(marks);
    var heldOut = new HeldOut(Map.of("web", List.of(new HeldOut.Row(questions, nats))));
    assertThat(HeldOut.fromJson(heldOut.toJson())).isEqualTo(heldOut);
    assertThat(heldOut.perplexities().get("web"))
        .isCloseTo(Math.exp(nats / questions), within(1e-9 * Math.exp(nats / questions)));
  }
}
