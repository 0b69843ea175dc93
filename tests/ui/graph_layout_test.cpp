#include "ui/graph/graph_layout.h"

#include <algorithm>
#include <clocale>
#include <cmath>
#include <gtest/gtest.h>

namespace timeslice::graph_layout_test {
namespace {

double distance(const GraphPlace& a, const GraphPlace& b)
{
    return std::hypot(a.x - b.x, a.y - b.y);
}

/// Thread i and lock i, and lock i and thread i + 1: nodes 0 to n - 1 are the threads.
std::vector<GraphEdge> ring(std::size_t n)
{
    std::vector<GraphEdge> edges;
    for (std::size_t i = 0; i < n; ++i) {
        edges.emplace_back(i, n + i);
        edges.emplace_back((i + 1) % n, n + i);
    }
    return edges;
}

void expectApart(const std::vector<GraphPlace>& places, double least)
{
    for (std::size_t i = 0; i < places.size(); ++i) {
        EXPECT_GE(places[i].x, 0);
        EXPECT_LE(places[i].x, 1);
        EXPECT_GE(places[i].y, 0);
        EXPECT_LE(places[i].y, 1);
        for (std::size_t k = i + 1; k < places.size(); ++k) {
            EXPECT_GE(distance(places[i], places[k]), least) << i << " and " << k;
        }
    }
}

TEST(GraphLayout, ARingLooksLikeOne)
{
    for (std::size_t n = 2; n <= 8; ++n) {
        const std::vector<GraphPlace> places = layOutGraph(2 * n, ring(n));
        ASSERT_EQ(places.size(), 2 * n);
        for (const GraphPlace& place : places) { // on a circle that fills the square
            EXPECT_NEAR(distance(place, {0.5, 0.5}), 0.5, 0.12) << n;
        }
        const double around = 3.14159265 / (2 * static_cast<double>(n));
        for (const auto& [from, to] : ring(n)) { // who has to do with each other are neighbours on it
            EXPECT_NEAR(distance(places[from], places[to]), std::sin(around), 0.25) << n;
        }
        expectApart(places, 0.5 * std::sin(around));
    }
}

TEST(GraphLayout, TheSameGraphComesOutTheSame)
{
    EXPECT_EQ(layOutGraph(10, ring(5)), layOutGraph(10, ring(5)));
    const std::vector<GraphPlace> some = layOutGraph(6, ring(3));
    std::vector<GraphEdge> more = ring(3);
    more.emplace_back(6, 0);
    more.emplace_back(7, 1);
    EXPECT_EQ(layOutGraph(8, more, some), layOutGraph(8, more, some));
}

TEST(GraphLayout, WhatIsAddedMovesNothing)
{
    std::vector<GraphEdge> edges = ring(2);
    std::vector<GraphPlace> places = layOutGraph(4, edges);
    for (std::size_t node = 4; node < 20; ++node) {
        edges.emplace_back(node, node / 3);
        const std::vector<GraphPlace> before = places;
        places = layOutGraph(node + 1, edges, before);
        ASSERT_EQ(places.size(), node + 1);
        EXPECT_TRUE(std::equal(before.begin(), before.end(), places.begin())) << node;
    }
    expectApart(places, 0.1);
}

TEST(GraphLayout, NodesWithoutEdgesAndNoNodesHavePlacesToo)
{
    EXPECT_TRUE(layOutGraph(0, {}).empty());
    expectApart(layOutGraph(1, {}), 0);
    expectApart(layOutGraph(5, {}), 0.05);
    std::vector<GraphEdge> all; // everybody uses everything
    for (std::size_t thread = 0; thread < 4; ++thread) {
        for (std::size_t lock = 4; lock < 8; ++lock) {
            all.emplace_back(thread, lock);
        }
    }
    expectApart(layOutGraph(8, all), 0.15);
}

TEST(GraphLayout, LeavesTheLocaleAsItWas)
{
    const std::string before = std::setlocale(LC_NUMERIC, nullptr);
    layOutGraph(4, ring(2));
    EXPECT_EQ(std::setlocale(LC_NUMERIC, nullptr), before);
}

} // namespace
} // namespace timeslice::graph_layout_test
