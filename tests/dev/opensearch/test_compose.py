"""The containers of compose.yaml: nodes of one cluster, which nobody else can reach."""

from __future__ import annotations

import yaml

from dev.opensearch.distribution import VERSION
from tests import ROOT

COMPOSE = yaml.safe_load((ROOT / "dev" / "opensearch" / "compose.yaml").read_text("utf-8"))


def test_the_containers_are_three_nodes_of_one_cluster() -> None:
    nodes = COMPOSE["services"]

    assert len(nodes) == 3
    for name, node in nodes.items():
        assert node["image"] == f"opensearchproject/opensearch:{VERSION}"
        assert node["environment"]["node.name"] == name
        assert node["environment"]["discovery.seed_hosts"].split(",") == list(nodes)
        assert node["environment"]["cluster.initial_cluster_manager_nodes"].split(",") == list(nodes)
        assert node["healthcheck"]["test"][0] == "CMD"


def test_each_container_keeps_its_data_and_listens_on_loopback_alone() -> None:
    nodes = COMPOSE["services"].values()
    ports = [port for node in nodes for port in node["ports"]]
    volumes = [volume.partition(":") for node in nodes for volume in node["volumes"]]

    assert ports == ["127.0.0.1:9200:9200", "127.0.0.1:9201:9200", "127.0.0.1:9202:9200"]
    assert [name for name, _, _ in volumes] == list(COMPOSE["volumes"])
    assert {path for _, _, path in volumes} == {"/usr/share/opensearch/data"}
