using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Quotas;

/// <summary>Reads how quotas stand.</summary>
public static class QuotaReader
{
    /// <summary>How each quota that is in force at an instant stands in its period then. All usage of the period counts.</summary>
    /// <param name="store">The store.</param>
    /// <param name="book">The quotas.</param>
    /// <param name="quotas">Those of them that are asked for.</param>
    /// <param name="at">The instant.</param>
    /// <param name="widening">Is told what had to be counted whole.</param>
    /// <param name="cancel">Cancels the queries.</param>
    public static async Task<IReadOnlyList<QuotaStanding>> ReadAsync(
        IUsageStore store, QuotaBook book, IEnumerable<Quota> quotas, DateTimeOffset at, Widening widening, CancellationToken cancel)
    {
        List<Chain> chains = [.. quotas.Select(q => Chain.At(q, at, cancel)).OfType<Chain>()];
        var used = new Dictionary<(Quota, DateTimeOffset), ExactDecimal>();
        // Most customers' periods are the same: what can be asked at once is.
        foreach (IGrouping<string, (Chain Chain, List<QuotaTerm> Terms)> same in chains.SelectMany(c => c.Runs.Select(r => (c, r))).GroupBy(r => Describe(r.r)))
        {
            List<QuotaTerm> terms = same.First().Terms;
            var filter = new UsageFilter(
                [.. same.Select(s => s.Chain.Quota.CustomerId).Distinct()], [.. same.Select(s => s.Chain.Quota.Service.Name).Distinct()]);
            IReadOnlyDictionary<(string CustomerId, string Service), ExactDecimal[]> sums = await CountedUsage.ReadAsync(
                store, filter, [.. terms.Select(t => new Period(t.Start, t.End))], terms[0].Rule.CountHours, terms[0].Rule.Zone, widening, cancel);
            foreach (Quota quota in same.Select(s => s.Chain.Quota))
            {
                ExactDecimal[]? own = sums.GetValueOrDefault((quota.CustomerId, quota.Service.Name));
                for (int i = 0; i < terms.Count; i++)
                    used[(quota, terms[i].Start)] = own is null ? ExactDecimal.Zero : own[i];
            }
        }

        return [.. chains.Select(c => c.Stand(book, at, term => used[(c.Quota, term.Start)]))];
    }

    private static string Describe(List<QuotaTerm> terms) =>
        $"{terms[0].Rule.Zone.Id} {terms[0].Rule.CountHours} {string.Join(' ', terms.Select(t => t.Start.UtcTicks))} {terms[^1].End.UtcTicks}";

    /// <summary>A period, and those before it whose rest came over to it.</summary>
    private sealed record Chain(Quota Quota, IReadOnlyList<QuotaTerm> Terms)
    {
        /// <summary>The periods, in runs of those whose usage is counted alike.</summary>
        public IEnumerable<List<QuotaTerm>> Runs
        {
            get
            {
                var run = new List<QuotaTerm>();
                foreach (QuotaTerm term in Terms)
                {
                    if (run.Count > 0 && (!run[^1].Rule.CountHours.Equals(term.Rule.CountHours) || run[^1].Rule.Zone.Id != term.Rule.Zone.Id))
                    {
                        yield return run;
                        run = [];
                    }

                    run.Add(term);
                }

                yield return run;
            }
        }

        public static Chain? At(Quota quota, DateTimeOffset at, CancellationToken cancel)
        {
            cancel.ThrowIfCancellationRequested();
            if (quota.TermAt(at) is not { } term)
                return null;

            var terms = new List<QuotaTerm> { term };
            while (terms[^1].Rule is { CarryOver: > 0, Kind: QuotaKind.Sum } && quota.TermBefore(terms[^1]) is { } before && before.End > Instants.Earliest)
                terms.Add(before);

            terms.Reverse();
            return new Chain(quota, terms);
        }

        public QuotaStanding Stand(QuotaBook book, DateTimeOffset at, Func<QuotaTerm, ExactDecimal> used)
        {
            QuotaStanding? before = null;
            foreach (QuotaTerm term in Terms)
            {
                before = new QuotaStanding
                {
                    Quota = Quota,
                    Term = term,
                    At = at,
                    CarriedOver = before is null ? 0 : CarryOver(before, term.Rule),
                    Allowances = book.Granted(Quota, term),
                    Amount = used(term),
                };
            }

            return before!;
        }

        private static decimal CarryOver(QuotaStanding before, QuotaRule rule) =>
            before.IsLimited && before.Term.Rule.Kind == QuotaKind.Sum && before.Remaining is > 0 and { } left
                ? ((ExactDecimal)left * rule.CarryOver).DivideBy(100).ToReported()
                : 0;
    }
}
