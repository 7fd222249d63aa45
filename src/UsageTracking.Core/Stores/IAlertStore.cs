namespace UsageTracking.Stores;

/// <summary>The part of a store that remembers which alerts were raised.</summary>
public interface IAlertStore
{
    /// <summary>
    /// Raises an alert, unless it was raised before, by whomever; the lower levels it covers count as raised too. Whoever
    /// raised it has until <paramref name="claimedUntil"/> to hand it over.
    /// </summary>
    /// <returns>Whether this call raised it.</returns>
    Task<bool> RaiseAlertAsync(StoredAlert alert, IReadOnlyList<string> covered, DateTimeOffset claimedUntil, CancellationToken cancel);

    /// <summary>Takes the alerts that were raised but not handed over, and that nobody is at.</summary>
    Task<IReadOnlyList<StoredAlert>> ClaimAlertsAsync(
        UsageFilter filter, DateTimeOffset now, DateTimeOffset claimedUntil, CancellationToken cancel);

    /// <summary>Gives the holder of an alert more time to hand it over.</summary>
    /// <returns>Whether it still was its to hand over: nobody took it meanwhile, and no higher level covered it.</returns>
    Task<bool> KeepAlertAsync(StoredAlert alert, DateTimeOffset claimedUntil, CancellationToken cancel);

    /// <summary>Says whether an alert could be handed over; where not, whoever comes next may try. One that was handed over is no covered one.</summary>
    Task SettleAlertAsync(StoredAlert alert, DateTimeOffset? deliveredAt, CancellationToken cancel);

    /// <summary>Alerts raised since an instant, newest first; not those that a higher one covered.</summary>
    Task<IReadOnlyList<StoredAlert>> GetAlertsAsync(UsageFilter filter, DateTimeOffset since, CancellationToken cancel);
}
