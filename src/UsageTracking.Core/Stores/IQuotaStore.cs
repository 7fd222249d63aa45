namespace UsageTracking.Stores;

/// <summary>The part of a store that keeps limits.</summary>
public interface IQuotaStore
{
    /// <summary>The customers' own quotas, by customer, service and first day.</summary>
    Task<IReadOnlyList<QuotaSetting>> GetQuotasAsync(UsageFilter filter, CancellationToken cancel);

    /// <summary>Keeps a setting instead of those of the same customer and service from its first day until another, that one included.</summary>
    Task SetQuotaAsync(QuotaSetting setting, DateOnly until, CancellationToken cancel);

    /// <summary>
    /// Ends a customer's own quota: settings from a day on are forgotten, and where earlier ones remain, they end with it.
    /// </summary>
    Task EndQuotaAsync(string customerId, string service, DateOnly from, CancellationToken cancel);

    /// <summary>What plans allow through subscriptions that are active or trialing; of several the one that began last.</summary>
    Task<IReadOnlyList<PlanQuota>> GetPlanQuotasAsync(UsageFilter filter, CancellationToken cancel);

    /// <summary>Top-ups that somebody gave, by time.</summary>
    Task<IReadOnlyList<Allowance>> GetAllowancesAsync(UsageFilter filter, CancellationToken cancel);

    /// <summary>Keeps a top-up.</summary>
    Task AddAllowanceAsync(Allowance allowance, CancellationToken cancel);
}
