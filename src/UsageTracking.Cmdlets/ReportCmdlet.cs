using System.Management.Automation;
using UsageTracking.Metering;
using UsageTracking.Reports;
using UsageTracking.Session;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets;

/// <summary>What every report has: customers, services, a time and a zone, and the wish to see what was just added.</summary>
public abstract class ReportCmdlet : UsageCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public virtual string[] Service { get; set; } = ["*"];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public virtual string[]? CustomerId { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TimeZone { get; set; }

    internal StoreConnection Connection { get; private set; } = null!;

    /// <summary>The customers asked for that exist (or the caller's own, who may have none yet).</summary>
    internal IReadOnlyList<string> Customers { get; private set; } = [];

    internal ReportScope Scope { get; private set; } = null!;

    /// <summary>Whether names of no customer or service there is are taken as they are, as records of other programs may have them.</summary>
    protected virtual bool TakesAnyName => false;

    /// <summary>Alone, a wrong range or zone leaves nothing to do; in a pipeline the next input may be right.</summary>
    protected override bool EndsTheCall(UsageException error) => !MyInvocation.ExpectingInput || base.EndsTheCall(error);

    /// <summary>The time the report is about.</summary>
    protected abstract TimeRange ReadRange(DateTimeOffset now, TimeZoneInfo zone);

    /// <summary>Writes the report on <see cref="Scope"/>.</summary>
    protected abstract void WriteReport();

    /// <inheritdoc/>
    protected sealed override void OnProcess()
    {
        Connection = Session.Connection;
        Wait(Connection.PrepareAsync(Cancel));
        TimeZoneInfo zone = TimeZone is null ? Session.Options.TimeZone : Zones.Find(TimeZone);
        TimeRange range = ReadRange(DateTimeOffset.UtcNow, zone);
        FlushPending(Connection);
        ReadCustomers();
        IReadOnlyList<Service> services = ServiceSelection.Match(Service, Connection.Catalogue!, TakesAnyName, e => WriteItemError(e));
        Scope = new ReportScope(EveryCustomer ? null : Customers, services, range, zone) { HasEveryService = Service is ["*"] };
        if ((EveryCustomer || Customers.Count > 0) && Scope.Services.Count > 0)
            WriteReport();
    }

    private bool EveryCustomer => CustomerId is ["*"];

    private void ReadCustomers()
    {
        if (CustomerId is null)
        {
            Customers = [Session.CustomerId];
            return;
        }

        // The caller's own customer may have no records yet: what a report on it writes pipes into the next one.
        string[] known = [.. Wait(Connection.Store.GetCustomersAsync(Cancel)).Select(c => c.CustomerId), .. CustomerId.Where(id => TakesAnyName || id == Session.CustomerId)];
        Customers = CustomerSelection.Match(CustomerId, known, e => WriteItemError(e));
    }
}
