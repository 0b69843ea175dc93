// Where the nodes of a small graph lie, by Graphviz's library (Gansner & North: An open graph visualization system and
// its applications to software engineering, Software: Practice and Experience 30(11), 2000).
//
// A ring of threads and locks should look like one, so the engine is "circo" (Six & Tollis: A Framework and Algorithms
// for Circular Drawings of Graphs, 1999); for what is added to a graph that is seen already it is "neato", with what
// was there pinned where it is.
#pragma once

#include <compare>
#include <cstddef>
#include <utility>
#include <vector>

namespace timeslice {

/// A place within a square of side 1, to be stretched to whatever room there is.
struct GraphPlace {
    double x = 0;
    double y = 0;
    friend auto operator<=>(const GraphPlace&, const GraphPlace&) = default;
};

using GraphEdge = std::pair<std::size_t, std::size_t>; ///< of two nodes

/// A place for each of `nodes`, no two of them close together. The first ones are `fixed` and come out as they are. The
/// same graph always comes out the same. A few milliseconds for dozens of nodes, the first time. Only on the UI thread:
/// Graphviz is not thread-safe. Where Graphviz finds none of its plugins, all nodes lie on a circle, in the order of
/// their edges.
std::vector<GraphPlace> layOutGraph(
    std::size_t nodes, const std::vector<GraphEdge>& edges, const std::vector<GraphPlace>& fixed = {});
/// All on one circle, without Graphviz, in the order in which a walk along the edges comes by. Any thread.
std::vector<GraphPlace> layOutRing(std::size_t nodes, const std::vector<GraphEdge>& edges);

} // namespace timeslice
