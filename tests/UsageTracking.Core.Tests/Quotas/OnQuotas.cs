using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Quotas;

/// <summary>Short ways to set quotas of the customer acme and to see how they stand.</summary>
public abstract class OnQuotas(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    protected static readonly AlertThresholds Usual = new(75, 90, 100);

    protected static Service ServiceOf(string name) => BuiltInServices.All.First(s => s.Service.Name == name).Service;

    protected async Task SetAsync(string service, decimal limit, DateTimeOffset now, Func<QuotaChange, QuotaChange>? also = null, string customer = "acme")
    {
        var change = new QuotaChange(customer, ServiceOf(service)) { Limit = limit, Zone = TimeZoneInfo.Utc };
        IReadOnlyList<QuotaSetting> settings = await Store.GetQuotasAsync(new UsageFilter([customer], [service]), Cancel);
        (QuotaSetting setting, DateOnly until) = QuotaSettings.Apply(also?.Invoke(change) ?? change, settings, now);
        await Store.SetQuotaAsync(setting, until, Cancel);
    }

    protected Task GrantAsync(string service, decimal amount, DateTimeOffset at) =>
        Store.AddAllowanceAsync(new Allowance("acme", service, at, amount, null), Cancel);

    protected async Task<IReadOnlyList<QuotaStanding>> StandAsync(DateTimeOffset at, IUsageStore? store = null)
    {
        QuotaBook book = await QuotaBook.ReadAsync(store ?? Store, null, [.. BuiltInServices.All.Select(s => s.Service)], Cancel);
        return await QuotaReader.ReadAsync(store ?? Store, book, book.Quotas, at, new Widening(), Cancel);
    }

    protected async Task<QuotaStanding> StandAsync(string service, DateTimeOffset at) =>
        (await StandAsync(at)).Single(s => s.Quota.Service.Name == service && s.Quota.CustomerId == "acme");
}
