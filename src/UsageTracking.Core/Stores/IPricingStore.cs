using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;

namespace UsageTracking.Stores;

/// <summary>The part of a store that keeps services, prices and invoices.</summary>
public interface IPricingStore
{
    /// <summary>Defines a service, or changes it.</summary>
    /// <exception cref="UsageException"><c>UnitFixed</c>: it has another unit and records, or figures of archived ones.</exception>
    Task SetServiceAsync(Service service, CancellationToken cancel);

    /// <summary>The prices that stand.</summary>
    Task<IReadOnlyList<Price>> ListPricesAsync(CancellationToken cancel);

    /// <summary>Keeps a price, from now on instead of the one of the same service, customer or plan, and day. That one is remembered for what was received before.</summary>
    Task SetPriceAsync(Price price, CancellationToken cancel);

    /// <summary>Lets a price apply no more to what is received from now on.</summary>
    Task RemovePriceAsync(long id, CancellationToken cancel);

    /// <summary>Everything that invoices are made of, but the usage.</summary>
    /// <param name="customerIds">The customers; null for all.</param>
    /// <param name="cancel">Cancels the query.</param>
    Task<PriceBook> GetPriceBookAsync(IReadOnlyList<string>? customerIds, CancellationToken cancel);

    /// <summary>Quantities of records by the price they were stamped with.</summary>
    /// <param name="filter">Which customers and services.</param>
    /// <param name="bounds">Where each period begins, and the last one's end.</param>
    /// <param name="known">The instants that the times of receipt are told apart by, ascending, at least one.</param>
    /// <param name="uninvoicedOnly">Whether to leave out what is on an invoice.</param>
    /// <param name="cancel">Cancels the query.</param>
    Task<IReadOnlyList<PricedUsage>> SumPricedAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<DateTimeOffset> known, bool uninvoicedOnly, CancellationToken cancel);

    /// <summary>
    /// Saves an invoice in one transaction, one after the other: marks the records that are on it, has the lines made of just those,
    /// and keeps them. A record that is committed meanwhile is on none, so that the next invoice has it.
    /// </summary>
    /// <returns>The invoice; null where there was nothing new to it.</returns>
    /// <exception cref="UsageException"><c>RecordsHidden</c>: policies hide records from this role.</exception>
    Task<StoredInvoice?> SaveInvoiceAsync(InvoiceDraft draft, CancellationToken cancel);

    /// <summary>The invoices of some customers (all where null), oldest first.</summary>
    Task<IReadOnlyList<StoredInvoice>> GetInvoicesAsync(IReadOnlyList<string>? customerIds, CancellationToken cancel);
}
