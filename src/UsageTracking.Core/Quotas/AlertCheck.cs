using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Quotas;

/// <summary>
/// Raises alerts, each once: whoever is first to write an alert down hands it over. An alert that could not be handed over is
/// handed over by a later check.
/// </summary>
public static class AlertCheck
{
    // How long somebody may take to hand an alert over before it is taken for forgotten.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly QuotaLevel[] Levels = [QuotaLevel.Warning, QuotaLevel.Critical, QuotaLevel.Exceeded];

    /// <summary>Raises what is to be raised.</summary>
    /// <returns>The alerts that the caller must keep, hand over and settle, one after the other; oldest first.</returns>
    /// <param name="store">The store.</param>
    /// <param name="filter">Whose alerts of before are taken up again.</param>
    /// <param name="standings">How the quotas stand.</param>
    /// <param name="thresholds">Where the levels begin.</param>
    /// <param name="withBurnRates">Whether to look at how fast quotas are used up, too.</param>
    /// <param name="widening">Is told what had to be counted whole.</param>
    /// <param name="cancel">Cancels the check.</param>
    public static async Task<IReadOnlyList<UsageAlert>> RaiseAsync(
        IUsageStore store, UsageFilter filter, IReadOnlyList<QuotaStanding> standings, AlertThresholds thresholds, bool withBurnRates,
        Widening widening, CancellationToken cancel)
    {
        DateTimeOffset now = Instants.Truncate(DateTimeOffset.UtcNow);
        var mine = new List<StoredAlert>();
        HashSet<AlertKey> known = await ReadKnownAsync(store, standings.Where(s => Levels.Contains(s.LevelAt(thresholds))), cancel);
        foreach (QuotaStanding standing in standings)
        {
            if (standing.LevelAt(thresholds) is var level && Levels.Contains(level))
                await RaiseAsync(standing, AlertRule.Threshold, level, AlertTexts.Threshold(standing, level));

            if (withBurnRates && await BurnRate.ReadAsync(store, standing, widening, cancel) is { } rate)
                await RaiseAsync(standing, AlertRule.BurnRate, rate.Level, AlertTexts.BurnRate(standing, rate.Level, rate));
        }

        IReadOnlyList<StoredAlert> left = filter.MatchesNothing ? [] : await store.ClaimAlertsAsync(filter, now, now + Patience, cancel);
        return [.. left.Select(a => a with { ClaimedUntil = now + Patience }).Concat(mine).Select(a => new UsageAlert(a))];

        async Task RaiseAsync(QuotaStanding standing, AlertRule rule, QuotaLevel level, string message)
        {
            var alert = new StoredAlert
            {
                CustomerId = standing.Quota.CustomerId,
                Service = standing.Quota.Service.Name,
                Rule = rule.ToString(),
                Level = level.ToString(),
                PeriodStart = standing.Term.Start,
                Granted = standing.Granted,
                RaisedAt = now,
                PeriodEnd = standing.Term.End,
                Usage = standing.Used.ToReported(),
                Limit = standing.Limit,
                Percent = standing.Percent,
                Unit = standing.Term.Rule.Unit,
                Message = message,
                TimeZone = standing.Term.Rule.Zone.Id,
            };
            // Most of what stands was raised long ago: that costs no transaction.
            if (known.Contains(alert.Key))
                return;

            string[] covered = [.. Levels.Where(l => l < level).Reverse().Select(l => l.ToString())];
            if (await store.RaiseAlertAsync(alert, covered, now + Patience, cancel))
                mine.Add(alert with { ClaimedUntil = now + Patience });
        }
    }

    /// <summary>
    /// Whether an alert is still the caller's to hand over: handing over those before it may have taken so long that somebody
    /// else took it for forgotten.
    /// </summary>
    public static Task<bool> KeepAsync(IUsageStore store, UsageAlert alert, CancellationToken cancel) =>
        store.KeepAlertAsync(alert.Stored, Instants.Truncate(DateTimeOffset.UtcNow) + Patience, cancel);

    /// <summary>Says whether an alert was handed over. Where it was not, the next check tries again.</summary>
    public static Task SettleAsync(IUsageStore store, UsageAlert alert, bool isDelivered, CancellationToken cancel) =>
        store.SettleAlertAsync(alert.Stored, isDelivered ? DateTimeOffset.UtcNow : null, cancel);

    /// <summary>The alerts raised before that still say how a quota stands.</summary>
    public static async Task<IReadOnlyList<UsageAlert>> GetActiveAsync(
        IUsageStore store, IReadOnlyList<QuotaStanding> standings, AlertThresholds thresholds, CancellationToken cancel)
    {
        List<QuotaStanding> standing = [.. standings.Where(s => Levels.Contains(s.LevelAt(thresholds)))];
        HashSet<AlertKey> wanted =
        [
            .. standing.Select(s => new AlertKey(
                s.Quota.CustomerId, s.Quota.Service.Name, nameof(AlertRule.Threshold), s.LevelAt(thresholds).ToString(), s.Term.Start, s.Granted)),
        ];
        return [.. (await ReadAsync(store, standing, cancel)).Where(a => wanted.Contains(a.Key)).Select(a => new UsageAlert(a))];
    }

    /// <summary>Alerts raised since an instant, newest first.</summary>
    public static async Task<IReadOnlyList<UsageAlert>> GetAsync(IUsageStore store, UsageFilter filter, DateTimeOffset since, CancellationToken cancel) =>
        filter.MatchesNothing ? [] : [.. (await store.GetAlertsAsync(filter, since, cancel)).Select(a => new UsageAlert(a))];

    private static async Task<HashSet<AlertKey>> ReadKnownAsync(IUsageStore store, IEnumerable<QuotaStanding> standings, CancellationToken cancel) =>
        [.. (await ReadAsync(store, [.. standings], cancel)).Select(a => a.Key)];

    /// <summary>The alerts of these quotas that were raised since their periods began.</summary>
    private static async Task<IReadOnlyList<StoredAlert>> ReadAsync(IUsageStore store, List<QuotaStanding> standings, CancellationToken cancel) =>
        standings.Count == 0
            ? []
            : await store.GetAlertsAsync(
                QuotaStanding.FilterOf(standings),
                standings.Min(s => s.Term.Start),
                cancel);
}
