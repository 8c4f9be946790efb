package dev.holdfast.cli.backbone;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.cli.trust.GrantText;
import dev.holdfast.node.backbone.Topology;
import java.util.Map;
import java.util.TreeMap;

/** What a deployment's folder knows that a topology needs. */
public final class BackboneFiles {
    private BackboneFiles() {}

    /**
     * The topology with a key for each member.
     *
     * @throws Failure when a member has none, and is no node of this deployment
     */
    public static Topology withKeys(Topology draft, Deployment deployment) {
        Map<String, Topology.Member> members = new TreeMap<>();
        draft.members()
                .forEach((name, member) -> {
                    if (member.key().isPresent()) {
                        members.put(name, member);
                        return;
                    }
                    Deployment.Node node = deployment.node(name);
                    if (!node.isIssued())
                        throw new Failure(
                                "there is no key for the member " + name,
                                "the topology gives none, and " + node.folder() + " holds none",
                                "holdfast keys node "
                                        + name
                                        + " --keys "
                                        + deployment.folder()
                                        + ", or give its key: 64 hexadecimal digits");
                    members.put(
                            name,
                            member.withKey(GrantText.read(node.grant()).grant().publicKey().hex()));
                });
        return new Topology(draft.serial(), draft.probe(), members, draft.links());
    }
}
