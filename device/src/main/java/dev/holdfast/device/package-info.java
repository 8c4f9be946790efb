/**
 * The SDK: an application's data on a device, there without any network and in step with everybody
 * else's whenever there is one. {@link dev.holdfast.device.Device} is where it begins:
 *
 * <pre>{@code
 * record Patient(String name, long visits, Set<String> allergies) {}
 *
 * DeviceSettings settings =
 *         DeviceSettings.in(folder)
 *                 .withSchema(
 *                         "{\"patients\": {\"indexes\": [\"name\"], \"fields\": {"
 *                                 + "\"visits\": {\"kind\": \"counter\"},"
 *                                 + "\"allergies\": {\"kind\": \"set\"}}}}")
 *                 .withEndpoints("https://edge.clinic.example:8443")
 *                 .withCa(caPem)
 *                 .withAuthorities(authority);
 * try (Device device = Device.open(settings)) {
 *     Scope clinic = device.scope("clinic-7");
 *     Write saved = clinic.put("patients", "amina", Map.of("name", "Amina"));
 *     clinic.increment("patients", "amina", "visits", 1);
 *     TypedCollection<Patient> patients = clinic.collection("patients", Patient.class);
 *     List<Patient> found = patients.list(patients.query().atLeast("name", "A").limit(10));
 *     if (!saved.reached(Durability.EDGE, Duration.ofMillis(50))) {
 *         log.add("saved here; not sent yet: " + device.status().unsyncedOperations());
 *     }
 * }
 * }</pre>
 */
@NullMarked
package dev.holdfast.device;

import org.jspecify.annotations.NullMarked;
