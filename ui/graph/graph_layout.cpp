#include "ui/graph/graph_layout.h"

#include <algorithm>
#include <array>
#include <clocale>
#include <cmath>
#include <deque>
#include <graphviz/gvc.h>
#include <limits>
#include <map>
#include <numbers>
#include <optional>
#include <string>
#include <tuple>

namespace timeslice {

namespace {

constexpr double kSide = 720; ///< points; Graphviz's units
constexpr double kNear = 0.12; ///< of the side: closer nodes would lie on each other

double distance(const GraphPlace& a, const GraphPlace& b)
{
    return std::hypot(a.x - b.x, a.y - b.y);
}

double distanceToNext(const GraphPlace& place, const std::vector<GraphPlace>& others)
{
    double least = std::numeric_limits<double>::max();
    for (const GraphPlace& other : others) {
        least = std::min(least, distance(place, other));
    }
    return least;
}

/// One for the life of the program: to make it, Graphviz reads its list of plugins. It is not given back at the end:
/// that would unload them, for nothing.
GVC_t* context()
{
    static GVC_t* const made = [] {
        agseterr(AGMAX); // what it cannot do is seen from what it returns; standard error is the program's
        return gvContext();
    }();
    return made;
}

/// Graphviz reads and writes numbers with a point, and the library takes the program's locale for that.
class NumbersWithPoint {
public:
    NumbersWithPoint()
        : m_before(std::setlocale(LC_NUMERIC, nullptr))
    {
        std::setlocale(LC_NUMERIC, "C");
    }
    ~NumbersWithPoint() { std::setlocale(LC_NUMERIC, m_before.c_str()); }
    NumbersWithPoint(const NumbersWithPoint&) = delete;
    NumbersWithPoint& operator=(const NumbersWithPoint&) = delete;

private:
    std::string m_before;
};

/// A graph of Graphviz's, and its layout.
class Drawing {
public:
    Drawing(std::size_t nodes, const std::vector<GraphEdge>& edges)
        : m_graph(agopen(text("g"), Agundirected, nullptr))
    {
        agattr(m_graph, AGNODE, text("shape"), text("circle"));
        agattr(m_graph, AGNODE, text("fixedsize"), text("true"));
        agattr(m_graph, AGNODE, text("label"), text(""));
        agattr(m_graph, AGNODE, text("pos"), text(""));
        agattr(m_graph, AGRAPH, text("inputscale"), text("72"));
        agattr(m_graph, AGRAPH, text("start"), text("1")); // the seed: the same graph comes out the same
        for (std::size_t i = 0; i < nodes; ++i) {
            m_nodes.push_back(agnode(m_graph, text(std::to_string(i)), 1));
        }
        for (const auto& [from, to] : edges) {
            agedge(m_graph, m_nodes[from], m_nodes[to], nullptr, 1);
        }
    }
    ~Drawing()
    {
        if (m_laidOut) {
            gvFreeLayout(context(), m_graph);
        }
        agclose(m_graph);
    }
    Drawing(const Drawing&) = delete;
    Drawing& operator=(const Drawing&) = delete;

    void put(std::size_t node, const GraphPlace& place, bool pinned)
    {
        const auto points = [](double share) { return std::to_string(std::lround(share * kSide)); };
        agset(m_nodes[node], text("pos"), text(points(place.x) + "," + points(place.y) + (pinned ? "!" : "")));
    }

    /// In points. None: Graphviz has no such engine here.
    std::optional<std::vector<GraphPlace>> places(const char* engine)
    {
        m_laidOut = gvLayout(context(), m_graph, engine) == 0;
        if (!m_laidOut) {
            return std::nullopt;
        }
        std::vector<GraphPlace> found;
        for (Agnode_t* node : m_nodes) {
            found.push_back({ND_coord(node).x, ND_coord(node).y});
        }
        return found;
    }

private:
    /// Graphviz takes its texts as char*.
    char* text(std::string what) { return m_texts.emplace_back(std::move(what)).data(); }

    std::deque<std::string> m_texts;
    Agraph_t* m_graph;
    std::vector<Agnode_t*> m_nodes;
    bool m_laidOut = false;
};

/// Stretched to the square, as far as they spread in that direction.
void fillSquare(std::vector<GraphPlace>& places)
{
    for (double GraphPlace::*const axis : {&GraphPlace::x, &GraphPlace::y}) {
        const auto [low, high] = std::minmax_element(
            places.begin(), places.end(), [&](const auto& a, const auto& b) { return a.*axis < b.*axis; });
        const double from = *low.*axis;
        const double length = *high.*axis - from;
        for (GraphPlace& place : places) {
            place.*axis = length > 1 ? (place.*axis - from) / length : 0.5;
        }
    }
}

/// All nodes, in the order in which a walk along the edges comes by, so that neighbours stand beside each other.
std::vector<std::size_t> walk(std::size_t nodes, const std::vector<GraphEdge>& edges)
{
    std::vector<std::size_t> way;
    std::vector<bool> seen(nodes);
    for (std::size_t start = 0; start < nodes; ++start) {
        for (std::optional<std::size_t> at = start; at && !seen[*at];) {
            way.push_back(*at);
            seen[*at] = true;
            std::optional<std::size_t> next;
            for (const auto& [from, to] : edges) {
                if (from == *at || to == *at) {
                    const std::size_t other = from == *at ? to : from;
                    next = !next && !seen[other] ? std::optional(other) : next;
                }
            }
            at = next;
        }
    }
    return way;
}

std::vector<GraphPlace> onACircle(const std::vector<std::size_t>& way)
{
    std::vector<GraphPlace> places(way.size());
    for (std::size_t i = 0; i < way.size(); ++i) {
        const double angle = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(way.size());
        places[way[i]] = {0.5 + 0.5 * std::cos(angle), 0.5 + 0.5 * std::sin(angle)};
    }
    return places;
}

/// With what closes the ring: circo puts on one circle what hangs together at more than one place, and of a ring of
/// waiting the last link may yet have to come.
std::vector<GraphEdge> closed(std::vector<GraphEdge> edges, const std::vector<std::size_t>& way)
{
    for (std::size_t i = 0; i < way.size(); ++i) {
        const GraphEdge link{way[i], way[(i + 1) % way.size()]};
        const GraphEdge back{link.second, link.first};
        if (link.first != link.second && std::find(edges.begin(), edges.end(), link) == edges.end()
            && std::find(edges.begin(), edges.end(), back) == edges.end()) {
            edges.push_back(link);
        }
    }
    return edges;
}

/// The place of a square of places that is farthest from all others.
GraphPlace freePlace(const std::vector<GraphPlace>& others)
{
    constexpr int kSteps = 8;
    GraphPlace best;
    double most = -1;
    for (int y = 0; y <= kSteps; ++y) {
        for (int x = 0; x <= kSteps; ++x) {
            const GraphPlace place{static_cast<double>(x) / kSteps, static_cast<double>(y) / kSteps};
            if (const double next = distanceToNext(place, others); next > most) {
                most = next;
                best = place;
            }
        }
    }
    return best;
}

std::vector<GraphPlace> layOut(
    std::size_t nodes, const std::vector<GraphEdge>& edges, const std::vector<GraphPlace>& fixed)
{
    const NumbersWithPoint locale;
    if (fixed.empty()) {
        const std::vector<std::size_t> way = walk(nodes, edges);
        auto places = Drawing(nodes, closed(edges, way)).places("circo");
        if (!places) {
            return onACircle(way);
        }
        fillSquare(*places);
        return *places;
    }
    Drawing drawing(nodes, edges);
    for (std::size_t i = 0; i < fixed.size(); ++i) {
        drawing.put(i, fixed[i], true);
    }
    const auto wanted = drawing.places("neato");
    std::vector<GraphPlace> places = fixed;
    for (std::size_t i = fixed.size(); i < nodes; ++i) {
        GraphPlace place = freePlace(places);
        if (wanted) {
            const GraphPlace& by = (*wanted)[i];
            // Neato may have moved all of it as one.
            const GraphPlace moved{(*wanted)[0].x - fixed[0].x * kSide, (*wanted)[0].y - fixed[0].y * kSide};
            const GraphPlace its{
                std::clamp((by.x - moved.x) / kSide, 0.0, 1.0), std::clamp((by.y - moved.y) / kSide, 0.0, 1.0)};
            place = distanceToNext(its, places) >= kNear ? its : place;
        }
        places.push_back(place);
    }
    return places;
}

} // namespace

std::vector<GraphPlace> layOutRing(std::size_t nodes, const std::vector<GraphEdge>& edges)
{
    return onACircle(walk(nodes, edges));
}

std::vector<GraphPlace> layOutGraph(
    std::size_t nodes, const std::vector<GraphEdge>& edges, const std::vector<GraphPlace>& fixed)
{
    if (nodes <= fixed.size()) {
        return {fixed.begin(), fixed.begin() + static_cast<std::ptrdiff_t>(nodes)};
    }
    // One run after another has the same threads and locks, and a layout takes a millisecond from what is watched.
    constexpr std::size_t kMostKnown = 64;
    static std::map<std::tuple<std::size_t, std::vector<GraphEdge>, std::vector<GraphPlace>>, std::vector<GraphPlace>>
        known;
    const std::tuple key(nodes, edges, fixed);
    if (const auto at = known.find(key); at != known.end()) {
        return at->second;
    }
    if (known.size() >= kMostKnown) {
        known.clear();
    }
    return known.emplace(key, layOut(nodes, edges, fixed)).first->second;
}

} // namespace timeslice
