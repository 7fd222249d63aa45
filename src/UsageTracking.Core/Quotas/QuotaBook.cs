using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Quotas;

/// <summary>The quotas and top-ups of some customers and services, as they stand in a store.</summary>
public sealed class QuotaBook
{
    private readonly Dictionary<(string, string), Quota> _quotas;
    private readonly ILookup<(string, string), Allowance> _allowances;

    private QuotaBook(IReadOnlyList<Quota> quotas, IEnumerable<Allowance> allowances)
    {
        Quotas = quotas;
        _quotas = quotas.ToDictionary(q => (q.CustomerId, q.Service.Name));
        _allowances = allowances.ToLookup(a => (a.CustomerId, a.Service));
    }

    /// <summary>The quotas, by customer and in catalogue order.</summary>
    public IReadOnlyList<Quota> Quotas { get; }

    /// <summary>Reads the quotas of some customers (all where null) and services.</summary>
    public static async Task<QuotaBook> ReadAsync(
        IUsageStore store, IReadOnlyList<string>? customers, IReadOnlyList<Service> services, CancellationToken cancel)
    {
        var filter = new UsageFilter(customers, [.. services.Select(s => s.Name)]);
        if (filter.MatchesNothing)
            return new QuotaBook([], []);

        ILookup<(string, string), QuotaSetting> settings =
            (await store.GetQuotasAsync(filter, cancel)).ToLookup(s => (s.CustomerId, s.Service));
        Dictionary<(string, string), PlanQuota> plans =
            (await store.GetPlanQuotasAsync(filter, cancel)).ToDictionary(p => (p.CustomerId, p.Service));
        return new QuotaBook(
            [
                .. from customer in settings.Select(s => s.Key.Item1).Concat(plans.Keys.Select(k => k.Item1)).Distinct().Order(StringComparer.Ordinal)
                   from service in services
                   let key = (customer, service.Name)
                   where settings.Contains(key) || plans.ContainsKey(key)
                   select new Quota(customer, service, settings[key], plans.GetValueOrDefault(key)),
            ],
            [
                .. await store.GetAllowancesAsync(filter, cancel),
                .. (await store.GetReadingAllowancesAsync(filter, cancel)).Select(a => new Allowance(a.CustomerId, a.Service, a.ReadAt, a.Amount, null)),
            ]);
    }

    /// <summary>The quota of a customer for a service; null where there never was one.</summary>
    public Quota? Find(string customerId, string service) => _quotas.GetValueOrDefault((customerId, service));

    /// <summary>Whether a customer has, or had, a quota for a service that usage can be held against.</summary>
    public bool HasLimit(string customerId, string service) => Find(customerId, service)?.HasLimit ?? false;

    /// <summary>How much was given on top of a quota between two instants, the first included.</summary>
    public decimal Granted(string customerId, string service, DateTimeOffset start, DateTimeOffset end) =>
        _allowances[(customerId, service)].Where(a => a.At >= start && a.At < end).Sum(a => a.Amount);

    /// <summary>The same in the period of a quota.</summary>
    public decimal Granted(Quota quota, QuotaTerm term) => Granted(quota.CustomerId, quota.Service.Name, term.Start, term.End);
}
