package io.lorashear.dependency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.family.Family;
import io.lorashear.family.LayerWidths;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The same as with a plain set of names and numbers. */
class GroupsTest {
  private static final List<PrunableAxis> AXES =
      space().prunable(PruningSpace.STRUCTURES); // 2 or 4 heads, 6 or 9 channels

  private static PruningSpace space() {
    var config = SmallModels.llama(new LayerWidths(4, 2, 6), new LayerWidths(4, 4, 9));
    return PruningSpace.of(Family.of(config).trace(config));
  }

  record Group(String axis, int index) {}

  @Provide
  Arbitrary<Set<Group>> sets() {
    var all = new ArrayList<Group>();
    AXES.forEach(axis -> each(axis).forEach(all::add));
    return Arbitraries.subsetOf(all);
  }

  private static List<Group> each(PrunableAxis axis) {
    var groups = new ArrayList<Group>();
    for (int index = 0; index < axis.size(); index++) {
      groups.add(new Group(axis.name(), index));
    }
    return groups;
  }

  private static Groups groups(Set<Group> set) {
    return Groups.union(set.stream().map(g -> Groups.of(g.axis(), g.index())).toList());
  }

  private static Set<Group> set(Groups groups) {
    var set = new HashSet<Group>();
    for (var axis : groups.axes()) {
      groups.indices(axis).stream().forEach(index -> set.add(new Group(axis, index)));
    }
    return set;
  }

  @Property
  void areASet(@ForAll("sets") Set<Group> set) {
    var groups = groups(set);
    assertThat(set(groups)).isEqualTo(set);
    assertThat(groups.count()).isEqualTo(set.size());
    assertThat(groups.isEmpty()).isEqualTo(set.isEmpty());
    for (var axis : AXES) {
      assertThat(groups.count(axis.name()))
          .isEqualTo((int) set.stream().filter(g -> g.axis().equals(axis.name())).count());
      each(axis)
          .forEach(
              g -> assertThat(groups.contains(g.axis(), g.index())).isEqualTo(set.contains(g)));
    }
  }

  @Property
  void joinAndPartAsSetsDo(@ForAll("sets") Set<Group> first, @ForAll("sets") Set<Group> second) {
    var g = groups(first);
    var h = groups(second);
    var union = new HashSet<>(first);
    union.addAll(second);
    var rest = new HashSet<>(first);
    rest.removeAll(second);
    var common = new HashSet<>(first);
    common.retainAll(second);
    assertThat(set(g.plus(h))).isEqualTo(union);
    assertThat(set(g.minus(h))).isEqualTo(rest);
    assertThat(set(g.within(h))).isEqualTo(common);
    assertThat(g).isEqualTo(groups(first)); // neither is changed
    assertThat(h).isEqualTo(groups(second));
    assertThat(g.equals(h)).isEqualTo(first.equals(second));
    assertThat(g.minus(g)).isEqualTo(Groups.none()).hasSameHashCodeAs(Groups.none());
  }

  @Property
  void theOthersAreAllWithoutThem(@ForAll("sets") Set<Group> set) {
    var groups = groups(set);
    var others = Groups.all(AXES).minus(groups);
    assertThat(others.within(groups)).isEqualTo(Groups.none());
    assertThat(others.plus(groups)).isEqualTo(Groups.all(AXES));
    assertThat(Groups.all(AXES).count()).isEqualTo(2 + 6 + 4 + 9);
  }

  @Property
  void theirCostIsTheSumOfThoseOfEach(@ForAll("sets") Set<Group> set) {
    long sum = set.stream().mapToLong(group -> group.axis().length()).sum();
    assertThat(groups(set).cost(String::length)).isEqualTo(sum);
  }

  @Property
  void areReadAsTheyWereWritten(@ForAll("sets") Set<Group> set) throws Exception {
    var groups = groups(set);
    var text = groups.toJson().toString();
    assertThat(Groups.fromJson(new ObjectMapper().readTree(text))).isEqualTo(groups);
  }

  @Test
  void whatTheyWereMadeOfMayChange() {
    var bits = BitSet.valueOf(new long[] {0b101});
    var groups = Groups.of("a", bits);
    bits.set(1);
    groups.indices("a").set(3);
    assertThat(groups).isEqualTo(Groups.of("a", 0, 2));
    assertThat(groups.toJson()).hasToString("{\"a\":[0,2]}");
    assertThat(groups).hasToString("{a={0, 2}}");
  }

  @Test
  void whatIsNoChoiceIsRefused() {
    refused("[]", "[] is no choice of groups: a list of indices for each axis is expected");
    refused("{\"a\":3}", "the groups of a are 3: a list is expected");
    refused("{\"a\":[0,-1]}", "the groups of a hold -1: whole numbers from 0 are expected");
    refused("{\"a\":[\"1\"]}", "the groups of a hold \"1\": whole numbers from 0 are expected");
  }

  private static void refused(String json, String message) {
    assertThatThrownBy(() -> Groups.fromJson(new ObjectMapper().readTree(json)))
        .isInstanceOf(InputException.class)
        .hasMessage(message);
  }
}
