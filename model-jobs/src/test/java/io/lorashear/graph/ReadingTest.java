package io.lorashear.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.lorashear.OnlyMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A new operator compiles only when everybody who tells operators apart has an answer for it. */
class ReadingTest {
  private static final List<Class<?>> OPERATORS = List.of(Operator.class.getPermittedSubclasses());
  private static final Pattern KIND =
      Pattern.compile("(\\S+\\s+)switch \\([^{]*\\boperator(?:\\(\\))?\\.kind\\(\\)\\) \\{");

  @Test
  void aReadingHasOneMethodForEachOperatorAndNoneForTheOthers() {
    assertThat(Reading.class.getInterfaces()).isEmpty();
    assertThat(Reading.class.getDeclaredMethods())
        .allMatch(m -> Modifier.isAbstract(m.getModifiers()));
    assertThat(Arrays.stream(Reading.class.getDeclaredMethods()).map(ReadingTest::read))
        .containsExactlyInAnyOrderElementsOf(OPERATORS);
    assertThat(OperatorKind.values()).hasSameSizeAs(OPERATORS);
  }

  private static Class<?> read(Method method) {
    assertThat(method.getParameterCount()).isOne();
    return method.getParameterTypes()[0];
  }

  /** None inherits an answer; but {@link Sought} says for all operators that they are not it. */
  @Test
  void everyReadingAnswersItself() {
    var methods = names(Arrays.stream(Reading.class.getDeclaredMethods()).map(Method::getName));
    var readings =
        new ClassFileImporter()
            .withImportOption(new OnlyMain()).importPackages("io.lorashear").stream()
                .filter(type -> type.isAssignableTo(Reading.class) && !type.isInterface())
                .filter(type -> !type.getName().startsWith(Sought.class.getName() + "$"))
                .toList();
    assertThat(readings).hasSizeGreaterThan(6);
    for (var reading : readings) {
      assertThat(names(own(reading))).as(reading.getName()).containsAll(methods);
    }
  }

  private static Stream<String> own(JavaClass type) {
    return type.getMethods().stream()
        .filter(method -> !method.getModifiers().contains(JavaModifier.SYNTHETIC))
        .map(method -> method.getName());
  }

  private static Set<String> names(Stream<String> names) {
    return names.collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void nobodyAsksForTheClassOfAnOperator() {
    var names = OPERATORS.stream().map(Class::getSimpleName).collect(Collectors.joining("|"));
    var asks =
        Pattern.compile(
            "instanceof (Operator\\.)?(NAMES)\\b|\\b(NAMES)\\.class\\b|\\((NAMES)\\) \\w+(\\.\\w+\\(\\))*\\.operator\\(\\)"
                .replace("NAMES", names));
    assertThat(asks.matcher("x instanceof Linear y").find()).isTrue();
    assertThat(asks.matcher("var linear = (Linear) node.operator();").find()).isTrue();
    assertThat(found(asks)).isEmpty();
  }

  /** So that its branches are known to the compiler, which asks for all of them. */
  @Test
  void aSwitchOverKindsIsAnExpressionWithoutADefault() {
    int switches = 0;
    for (var source : sources()) {
      var text = text(source);
      var matcher = KIND.matcher(text);
      while (matcher.find()) {
        var before = matcher.group(1).strip();
        assertThat(before).as(source + ": a switch over kinds").matches("return|->|.*[=(]");
        assertThat(block(text, matcher.end())).as(source.toString()).doesNotContain("default");
        switches++;
      }
    }
    assertThat(switches).isGreaterThan(8);
    assertThat(
            found(
                Pattern.compile(
                    "operator(\\(\\))?\\.kind\\(\\) [!=]= [A-Z]|OperatorKind\\.(?!READING)[A-Z]")))
        .as("who compares a kind forgets the others")
        .isEmpty();
  }

  private static String block(String text, int start) {
    int depth = 1;
    int end = start;
    while (depth > 0) {
      char c = text.charAt(end++);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    }
    return text.substring(start, end);
  }

  private static List<String> found(Pattern pattern) {
    var found = new ArrayList<String>();
    for (var source : sources()) {
      text(source)
          .lines()
          .filter(line -> pattern.matcher(line).find())
          .forEach(line -> found.add(source.getFileName() + ": " + line.strip()));
    }
    return found;
  }

  private static List<Path> sources() {
    try (var files = Files.walk(Path.of("src", "main", "java"))) {
      var sources = files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
      assertThat(sources).hasSizeGreaterThan(100);
      return sources;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).replaceAll("(?m)^ *\\*.*$", ""); // Javadoc asks nothing
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
