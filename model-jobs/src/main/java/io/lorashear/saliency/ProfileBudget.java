package io.lorashear.saliency;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much each axis should lose, according to its sensitivity in the profile. The loss is assumed
 * to rise with the square of the removed share:
 *
 * <pre>
 *   minimise Σ_i δ_i r_i²   subject to   Σ_i c_i r_i = B,  0 ≤ r_i ≤ cap
 *   r_i = min(cap, μ c_i / δ_i)                        μ by bisection
 * </pre>
 *
 * δ is the profile's deviation, at least a twentieth of the mean, since small ones are noise; c is
 * the number of parameters of a whole axis; B is the number to remove.
 */
public final class ProfileBudget {
  private static final double LEAST = 0.05;
  private static final int HALVINGS = 100;

  private ProfileBudget() {}

  /** An axis: its name and the number of parameters of all its groups. */
  public record Axis(String name, long parameters) {}

  /**
   * r of every axis; cap for all if even that removes less than B.
   *
   * @param remove B, parameters
   * @param cap in (0, 1]
   */
  public static Map<String, Double> shares(
      KnowledgeProfile profile, List<Axis> axes, long remove, double cap) {
    var deviations = deviations(profile, axes);
    double low = 0;
    double high = 1;
    while (removed(axes, deviations, high, cap) < remove && high < 1e30) {
      high *= 2;
    }
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (removed(axes, deviations, middle, cap) < remove) {
        low = middle;
      } else {
        high = middle;
      }
    }
    var shares = new LinkedHashMap<String, Double>();
    for (int i = 0; i < axes.size(); i++) {
      shares.put(axes.get(i).name(), share(axes.get(i), deviations.get(i), high, cap));
    }
    return shares;
  }

  private static List<Double> deviations(KnowledgeProfile profile, List<Axis> axes) {
    var byName = new LinkedHashMap<String, Double>();
    profile.axes().forEach(impact -> byName.put(impact.axis(), impact.deviation()));
    double mean =
        byName.values().stream().mapToDouble(each -> Math.max(0, each)).average().orElse(1);
    var deviations = new ArrayList<Double>();
    for (var axis : axes) {
      double least = mean > 0 ? LEAST * mean : 1;
      deviations.add(Math.max(least, byName.getOrDefault(axis.name(), mean)));
    }
    return deviations;
  }

  private static double removed(
      List<Axis> axes, List<Double> deviations, double factor, double cap) {
    double sum = 0;
    for (int i = 0; i < axes.size(); i++) {
      sum += axes.get(i).parameters() * share(axes.get(i), deviations.get(i), factor, cap);
    }
    return sum;
  }

  private static double share(Axis axis, double deviation, double factor, double cap) {
    return Math.min(cap, factor * axis.parameters() / deviation);
  }
}
