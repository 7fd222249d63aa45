using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Metering;
using UsageTracking.Quotas;
using UsageTracking.Reports;
using UsageTracking.Session;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets;

/// <summary>What is about the quota of one customer for one service.</summary>
public abstract class OneQuotaCmdlet : UsageCmdlet
{
    private HashSet<string>? _customers;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public string Service { get; set; } = "";

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public string? CustomerId { get; set; }

    internal StoreConnection Connection { get; private set; } = null!;

    /// <inheritdoc/>
    protected sealed override void OnProcess()
    {
        Connection = Session.Connection;
        Wait(Connection.PrepareAsync(Cancel));
        OnQuota(CustomerId is null ? CallersCustomer : CustomerIds.Check(CustomerId), Connection.Catalogue!.Get(Service));
    }

    /// <summary>Does what there is to do with it.</summary>
    protected abstract void OnQuota(string customerId, Service service);

    /// <summary>The quota as it is in the store now.</summary>
    private protected QuotaBook ReadBook(string customerId, Service service) => Wait(QuotaBook.ReadAsync(Connection.Store, [customerId], [service], Cancel));

    /// <summary>Creates a customer who is not there yet, where that is allowed.</summary>
    /// <exception cref="UsageException"><c>CustomerNotFound</c>.</exception>
    protected void MakeSureOfCustomer(string customerId)
    {
        // Read once for all that comes down the pipeline.
        _customers ??= [.. Wait(Connection.Store.GetCustomersAsync(AskingCustomer, Cancel)).Select(c => c.CustomerId)];
        if (_customers.Contains(customerId))
            return;

        if (!Session.Options.AutoCreateCustomer)
        {
            throw new UsageException(UsageErrorKind.NotFound, "CustomerNotFound",
                $"There is no customer '{customerId}'. Create it with Set-UsageCustomer; Get-UsageCustomer lists those there are.", customerId);
        }

        Wait(Connection.Store.SetCustomerAsync(new CustomerChange(customerId), Cancel));
        _customers.Add(customerId);
    }

    /// <summary>Writes how the quota stands now.</summary>
    protected void WriteQuota(string customerId, Service service)
    {
        FlushPending(Connection);
        QuotaBook book = ReadBook(customerId, service);
        var widening = new Widening();
        IReadOnlyList<QuotaStanding> standings = Wait(QuotaReader.ReadAsync(Connection.Store, book, book.Quotas, DateTimeOffset.UtcNow, widening, Cancel));
        foreach (UsageQuota quota in Wait(QuotaReport.ReadAsync(Connection.Store, book, standings, Session.Options.Thresholds, widening, Cancel)))
            WriteObject(quota);

        WriteWarningOf(widening);
    }
}
