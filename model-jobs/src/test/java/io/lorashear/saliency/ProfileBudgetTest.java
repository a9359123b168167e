package io.lorashear.saliency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.saliency.KnowledgeProfile.AxisImpact;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;

class ProfileBudgetTest {
  private static final double CAP = 0.8;

  @Property(tries = 300)
  void meetsTheBudgetWithinTheCapAndSparesWhatHurts(
      @ForAll @Size(6) List<@DoubleRange(min = -0.05, max = 2) Double> deviations,
      @ForAll @DoubleRange(min = 0.05, max = 0.7) double ratio) {
    var impacts = new ArrayList<AxisImpact>();
    var axes = new ArrayList<ProfileBudget.Axis>();
    for (int i = 0; i < deviations.size(); i++) {
      impacts.add(new AxisImpact("axis." + i, List.of(deviations.get(i))));
      axes.add(new ProfileBudget.Axis("axis." + i, 1000));
    }
    var profile = new KnowledgeProfile(List.of(0.5), 3, impacts);
    long remove = Math.round(ratio * 6000);
    var shares = ProfileBudget.shares(profile, axes, remove, CAP);
    double removed = shares.values().stream().mapToDouble(share -> 1000 * share).sum();
    assertThat(removed).isCloseTo(remove, within(1e-3));
    assertThat(shares.values()).allMatch(share -> share >= 0 && share <= CAP);
    for (int i : IntStream.range(0, 6).toArray()) {
      for (int j : IntStream.range(0, 6).toArray()) {
        if (deviations.get(i) >= deviations.get(j)) {
          assertThat(shares.get("axis." + i)).isLessThanOrEqualTo(shares.get("axis." + j) + 1e-12);
        }
      }
    }
  }

  @Property(tries = 20)
  void whatCannotBeReachedTakesAllThatMayGo(@ForAll @DoubleRange(min = 0.1, max = 2) double d) {
    var profile =
        new KnowledgeProfile(List.of(0.5), 3, List.of(new AxisImpact("axis", List.of(d))));
    var axes = List.of(new ProfileBudget.Axis("axis", 100));
    assertThat(ProfileBudget.shares(profile, axes, 90, CAP)).containsEntry("axis", CAP);
  }
}
