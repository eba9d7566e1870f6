package io.revfs.trace.export;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.fuse.FileNames;
import io.revfs.object.Digest;
import io.revfs.trace.OfTheSystem;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A trace in W3C's PROV-JSON (submission of 24 April 2013): the run is an activity, and each
 * content of a file an entity.
 */
final class Prov {
  private Prov() {}

  /** Returns the document. */
  public static ObjectNode of(Trace trace) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document
        .putObject("prefix")
        .put("revfs", "urn:revfs:")
        .put("xsd", "http://www.w3.org/2001/XMLSchema#");
    ObjectNode entities = document.putObject("entity");
    String activity = "revfs:run/" + trace.id();
    ObjectNode run = document.putObject("activity").putObject(activity);
    run.put("prov:startTime", trace.began().toString());
    run.put("prov:endTime", trace.ended().toString());
    run.put("prov:label", trace.commandLine());
    run.put("revfs:root", trace.root()).put("revfs:directory", trace.directory());
    run.put("revfs:commit", trace.commit()).put("revfs:exit", trace.exit());
    ObjectNode used = document.putObject("used");
    ObjectNode generated = document.putObject("wasGeneratedBy");
    for (List<TracedPath> part : List.of(trace.paths(), trace.outside())) {
      for (TracedPath path : part) {
        if (OfTheSystem.is(path.path())) {
          continue;
        }
        if (path.isInput()) {
          String entity = entity(entities, trace, path.path(), path.before());
          relate(used, "_:u" + used.size(), activity, entity);
        }
        if (path.isOutput()) {
          String entity = entity(entities, trace, path.path(), path.after());
          relate(generated, "_:g" + generated.size(), activity, entity);
        }
      }
    }
    return document;
  }

  private static void relate(ObjectNode relations, String name, String activity, String entity) {
    relations.putObject(name).put("prov:activity", activity).put("prov:entity", entity);
  }

  /** Names are parts of IRIs, in which not every byte may stand. */
  private static String iri(String place) {
    StringBuilder text = new StringBuilder();
    for (byte each : FileNames.encode(place)) {
      char c = (char) (each & 0xff);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || "/._-~".indexOf(c) >= 0)) {
        text.append(c);
      } else {
        text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
      }
    }
    return text.toString();
  }

  /** Adds the content of a path, unless it is there; returns its name. */
  private static String entity(
      ObjectNode entities, Trace trace, String path, Optional<Digest> digest) {
    String place = path.startsWith("/") ? path : trace.root() + "/" + path;
    String content = digest.map(Digest::toString).orElse("unknown/" + trace.id());
    String name = "revfs:file" + iri(place) + "@" + content;
    if (!entities.has(name)) {
      ObjectNode entity = entities.putObject(name);
      entity.put("prov:label", path).put("prov:location", place);
      digest.ifPresent(known -> entity.put("revfs:digest", known.toString()));
    }
    return name;
  }
}
