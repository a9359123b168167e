package io.lorashear.settings;

import io.lorashear.InputException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Turns YAML text into a {@link Tree}; no other class depends on the YAML library. */
final class YamlTree {
  private final Function<Node, Place> place;
  private final Problems problems;
  private final IdentityHashMap<Node, Node> open = new IdentityHashMap<>();

  private YamlTree(Function<Node, Place> place, Problems problems) {
    this.place = place;
    this.problems = problems;
  }

  /** The tree of a whole file; an empty file is an empty group. */
  static Tree read(Path file, Problems problems) {
    try {
      var root = compose(text(file));
      if (root == null) {
        return new Tree.Fields(Place.NONE, new LinkedHashMap<>());
      }
      return new YamlTree(node -> Place.line(node.getStartMark().getLine() + 1), problems)
          .convert(root, "");
    } catch (YAMLException e) {
      throw new InputException(
          e,
          "%s is not valid YAML: %s%nCorrect that line, or compare it with the files under conf/",
          file,
          reason(e));
    }
  }

  /** The tree of one value, as written after {@code =} in an override or in a default. */
  static Tree value(String text, Place place, Problems problems) {
    try {
      var node = compose(text);
      return node == null
          ? new Tree.Text(place, text)
          : new YamlTree(any -> place, problems).convert(node, "");
    } catch (YAMLException e) {
      if (text.matches("(?s)[\\[{\"'].*")) {
        problems.add(place, "%s is a list, a group or a quoted text that does not end", text);
      }
      return new Tree.Text(place, text); // not YAML, so it is plain text
    }
  }

  private static @Nullable Node compose(String text) {
    return new Yaml(new LoaderOptions()).compose(new StringReader(text));
  }

  private static String text(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new InputException("%s is a folder: name a settings file in it", file);
      }
      var bytes = Files.readAllBytes(file);
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.indexOf(0) >= 0) {
        throw new CharacterCodingException(); // UTF-16 without a byte order mark
      }
      return text;
    } catch (NoSuchFileException e) {
      throw new InputException(e, "There is no settings file %s: check the path", file);
    } catch (CharacterCodingException e) {
      throw new InputException(e, "%s is not UTF-8 text: save it in that encoding", file);
    } catch (IOException e) {
      throw new InputException(
          e, "The settings file %s cannot be read (%s): check the path and its rights", file, e);
    }
  }

  private static String reason(YAMLException e) {
    if (!(e instanceof MarkedYAMLException marked)) {
      return String.valueOf(e.getMessage());
    }
    Mark mark = marked.getProblemMark();
    if ("but found another document".equals(marked.getProblem())) {
      return "line %d begins a second document: a settings file has one"
          .formatted(mark.getLine() + 1);
    }
    return "line %d, column %d: %s"
        .formatted(mark.getLine() + 1, mark.getColumn() + 1, marked.getProblem());
  }

  private Tree convert(Node node, String key) {
    if (open.put(node, node) != null) {
      problems.add(place.apply(node), "%s contains itself: remove the alias", name(key));
      return new Tree.Nothing(place.apply(node));
    }
    try {
      if (node instanceof MappingNode mapping) {
        return fields(mapping, key);
      } else if (node instanceof SequenceNode sequence) {
        return items(sequence, key);
      }
      var scalar = (ScalarNode) node;
      return scalar.getTag().equals(Tag.NULL)
          ? new Tree.Nothing(place.apply(node))
          : new Tree.Text(place.apply(node), scalar.getValue());
    } finally {
      open.remove(node);
    }
  }

  private Tree fields(MappingNode mapping, String key) {
    var values = new LinkedHashMap<String, Tree>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode word)) {
        problems.add(place.apply(tuple.getKeyNode()), "%s has a key that is no word", name(key));
        continue;
      }
      var inner = key.isEmpty() ? word.getValue() : key + "." + word.getValue();
      var value = moved(convert(tuple.getValueNode(), inner), place.apply(word));
      if (values.put(word.getValue(), value) != null) {
        problems.add(place.apply(word), "%s is given twice: keep one of the two lines", inner);
      }
    }
    return new Tree.Fields(place.apply(mapping), values);
  }

  private Tree items(SequenceNode sequence, String key) {
    List<Tree> values = new ArrayList<>();
    for (Node node : sequence.getValue()) {
      values.add(convert(node, key + "[" + values.size() + "]"));
    }
    return new Tree.Items(place.apply(sequence), values);
  }

  /** Gives a value the place of its key, even if the value begins on a later line. */
  private static Tree moved(Tree value, Place place) {
    if (value instanceof Tree.Text text) {
      return new Tree.Text(place, text.value());
    } else if (value instanceof Tree.Items items) {
      return new Tree.Items(place, items.values());
    } else if (value instanceof Tree.Fields fields) {
      return new Tree.Fields(place, fields.values());
    }
    return new Tree.Nothing(place);
  }

  private static String name(String key) {
    return key.isEmpty() ? "the file" : key;
  }
}
