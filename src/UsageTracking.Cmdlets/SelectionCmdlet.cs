using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Metering;
using UsageTracking.Session;

namespace UsageTracking.Cmdlets;

/// <summary>What is about some services of some customers, named or by wildcards.</summary>
public abstract class SelectionCmdlet : UsageCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public virtual string[] Service { get; set; } = ["*"];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public virtual string[]? CustomerId { get; set; }

    internal StoreConnection Connection { get; private set; } = null!;

    /// <summary>The customers asked for that exist (or the caller's own, who may have none yet).</summary>
    internal IReadOnlyList<string> Customers { get; private set; } = [];

    /// <summary>The same; null where they are all there are, so that the store need not look for each.</summary>
    internal IReadOnlyList<string>? CustomersOrAll => EveryCustomer ? null : Customers;

    /// <summary>The services asked for, in catalogue order.</summary>
    internal IReadOnlyList<Service> Services { get; private set; } = [];

    /// <summary>Whether names of no customer or service there is are taken as they are, as records of other programs may have them.</summary>
    protected virtual bool TakesAnyName => false;

    /// <summary>Whether no service was asked for in particular.</summary>
    protected bool EveryService => Service is ["*"];

    private bool EveryCustomer => CustomerId is ["*"];

    /// <summary>Alone, a wrong value leaves nothing to do; in a pipeline the next input may be right.</summary>
    protected override bool EndsTheCall(UsageException error) => !MyInvocation.ExpectingInput || base.EndsTheCall(error);

    /// <summary>Makes sure the connected store can be asked.</summary>
    protected void Prepare()
    {
        Connection = Session.Connection;
        Wait(Connection.PrepareAsync(Cancel));
    }

    /// <summary>Finds the customers and services asked for; each that is none is an error of its own.</summary>
    /// <returns>Whether any is left.</returns>
    protected bool Select()
    {
        ReadCustomers();
        Services = ServiceSelection.Match(Service, Connection.Catalogue!, TakesAnyName, e => WriteItemError(e));
        return (EveryCustomer || Customers.Count > 0) && Services.Count > 0;
    }

    private void ReadCustomers()
    {
        if (CustomerId is null)
        {
            Customers = [CallersCustomer];
            return;
        }

        // The caller's own customer may have no records yet: what a report on it writes pipes into the next one.
        string[] known = [.. Wait(Connection.Store.GetCustomersAsync(AskingCustomer, Cancel)).Select(c => c.CustomerId), .. CustomerId.Where(id => TakesAnyName || id == CallersCustomer)];
        Customers = CustomerSelection.Match(CustomerId, known, e => WriteItemError(e));
    }
}
