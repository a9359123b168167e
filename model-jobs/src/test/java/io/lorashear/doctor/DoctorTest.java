package io.lorashear.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.doctor.Finding.State;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoctorTest {
  @TempDir Path work;

  @Test
  void whereTestsRunNothingIsBroken() {
    var findings = Doctor.examine(work);
    assertThat(findings)
        .extracting(Finding::what)
        .startsWith("java", "pytorch")
        .contains("use of gpu", "bfloat16")
        .endsWith("memory", "allocator", "disk", "cache");
    assertThat(findings).noneMatch(finding -> finding.state() == State.BROKEN);
    assertThat(findings.get(1).facts()).containsEntry("from", "the jars");
    assertThat(findings).allMatch(f -> f.state() != State.OK || f.remedy().isEmpty());
    assertThat(findings).allMatch(f -> f.lines().lines().count() <= 2);
  }

  @Test
  void theRemedyStandsBelowInALineOfItsOwn() {
    var lack = Finding.lack("disk", "1 kB are free", "make room", Map.of("freeBytes", 1000L));
    assertThat(lack.lines())
        .isEqualTo("disk       lack    1 kB are free\n                   to do: make room");
    assertThat(lack.toJson().toString())
        .isEqualTo(
            "{\"what\":\"disk\",\"state\":\"lack\",\"text\":\"1 kB are free\",\"remedy\":\"make"
                + " room\",\"facts\":{\"freeBytes\":1000}}");
  }

  @ParameterizedTest
  @CsvSource({
    "7f00 r-xp /usr/lib/x86_64-linux-gnu/libjemalloc.so.2, jemalloc, OK",
    "7f00 r-xp /usr/lib/libtcmalloc_minimal.so.4, tcmalloc, OK",
    "7f00 r-xp /usr/lib/x86_64-linux-gnu/libc.so.6, system, LACK",
    "'', system, OK"
  })
  void theAllocatorIsReadFromWhatIsMapped(String maps, String name, State state) {
    var found = Machine.allocator(maps);
    assertThat(found.facts()).containsEntry("name", name);
    assertThat(found.state()).isEqualTo(state);
  }

  @Test
  void freeMemoryIsWhatIsAvailable() {
    var meminfo = "MemTotal:  24684084 kB\nMemFree:  9269800 kB\nMemAvailable:  21085040 kB\n";
    assertThat(Machine.memory(meminfo).facts()).containsEntry("freeBytes", 21085040L << 10);
    assertThat(Machine.memory("").facts()).containsOnlyKeys("processors");
  }

  @Test
  void instructionsForBfloat16AreReadFromTheFlags() {
    assertThat(Machine.brainFloat("flags : fpu avx512_bf16 clflushopt").text())
        .isEqualTo("computed by the CPU (avx512_bf16)");
    for (var without : List.of("flags : fpu avx512f xbf16y", "")) {
      assertThat(Machine.brainFloat(without).facts()).containsEntry("hardware", false);
    }
  }
}
