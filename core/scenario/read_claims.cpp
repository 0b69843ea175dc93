#include "core/base/did_you_mean.h"
#include "core/base/json_in.h"
#include "core/base/read_file.h"
#include "core/scenario/catalogue.h"
#include "core/scenario/claims.h"
#include "core/scenario/document.h"

#include <algorithm>
#include <cerrno>

namespace timeslice {

Result<std::vector<Claim>> readClaimFile(const std::filesystem::path& path)
{
    std::string text;
    if (!readFile(path.c_str(), text)) {
        return failErrno("cannot read " + path.string(), errno);
    }
    const auto document = parseJson(text);
    if (!document) {
        return fail(path.string() + ": " + document.error().message, document.error().kind);
    }
    if (!document->is_object()) {
        return fail(path.string() + ": expected an object of claims, each with its sentence", ErrorKind::Usage);
    }
    std::vector<Claim> claims;
    for (const auto& [id, sentence] : document->items()) {
        if (!sentence.is_string()) {
            return fail(path.string() + ": the claim '" + id + "' is no text", ErrorKind::Usage);
        }
        claims.push_back({id, sentence.get<std::string>()});
    }
    return claims;
}

const std::vector<Claim>& courseClaims()
{
    static const std::vector<Claim> kClaims = [] {
        const auto resources = findResources();
        auto claims = resources ? readClaimFile(*resources / "claims.json") : tl::unexpected(resources.error());
        return claims ? std::move(*claims) : std::vector<Claim>();
    }();
    return kClaims;
}

namespace scenario {

void readClaims(const JsonPlace& top, bool fromFile, Scenario& scenario)
{
    const auto claims = top.find("claims");
    if (!claims) {
        return;
    }
    std::vector<std::string> known;
    for (const Claim& claim : courseClaims()) {
        known.push_back(claim.id);
    }
    for (const JsonPlace& claim : claims->list("ids of claims")) {
        const std::string id = claim.id();
        if (fromFile && !known.empty() && std::find(known.begin(), known.end(), id) == known.end()) {
            const std::string guess = didYouMean(id, known);
            claim.complain(
                "the course has no claim '" + id + "'" + (guess.empty() ? "; it has " + joinNames(known) : guess));
        }
        scenario.claims.push_back(id);
    }
}

} // namespace scenario

} // namespace timeslice
