using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Reports;

/// <summary>
/// The lines of invoices. The range is the period that tiers and packages count in. Lines are what is on no invoice yet, those that
/// came late to ranges invoiced before among them; and, as they were saved, the lines of invoices whose range lies within this one.
/// </summary>
public static class CostReport
{
    /// <summary>The lines, by customer, service, kind and time; those of saved invoices first.</summary>
    public static async Task<IReadOnlyList<UsageCost>> ReadAsync(IUsageStore store, ReportScope scope, CancellationToken cancel)
    {
        (PriceBook book, CostLines lines, IReadOnlyList<PricedUsage> usage, IReadOnlyList<Overage> overages) = await DraftAsync(store, scope, cancel);
        HashSet<string> services = [.. scope.Services.Select(s => s.Name)];
        return
        [
            .. from invoice in book.Invoices
               where IsWithin(invoice.Range, scope.Range)
               from line in invoice.Lines
               where services.Contains(line.Service)
               select UsageCost.Of(line, invoice.Id, scope.Zone),
            .. lines.Make(usage, overages).Select(l => UsageCost.Of(l, null, scope.Zone)),
        ];
    }

    /// <summary>Saves what is on no invoice yet as one of a customer.</summary>
    /// <returns>The invoice; null where there was nothing new to it.</returns>
    /// <exception cref="UsageException"><c>CustomerNotFound</c>, <c>InvalidInvoice</c>, or the store's error.</exception>
    public static async Task<UsageInvoice?> SaveAsync(IUsageStore store, ReportScope scope, string customerId, CancellationToken cancel)
    {
        if (!(await store.GetCustomersAsync(customerId, cancel)).Any(c => c.CustomerId == customerId))
            throw new UsageException(UsageErrorKind.NotFound, "CustomerNotFound", $"There is no customer '{customerId}' to invoice to. Get-UsageCustomer lists those there are.", customerId);

        if (RangeOf(scope).IsEmpty)
            throw UsageException.Invalid("InvalidInvoice", "An invoice is about some time. Give an end that is later than the start.");

        ReportScope own = scope with { Customers = [customerId] };
        IReadOnlyList<Overage> overages = (await DraftAsync(store, own, cancel)).Overages;
        StoredInvoice? invoice = await store.SaveInvoiceAsync(
            new InvoiceDraft(
                customerId, [.. scope.Services.Select(s => s.Name)], RangeOf(own), scope.Zone.Id,
                (book, bounds, usage) => new CostLines(book, bounds, RangeOf(own), scope.Services).Make(usage, overages)),
            cancel);
        return invoice is null ? null : new UsageInvoice(invoice);
    }

    /// <summary>What is to be said of what the lines of a range do not have, if anything.</summary>
    public static async Task<IReadOnlyList<string>> WarnAsync(IUsageStore store, ReportScope scope, CancellationToken cancel)
    {
        PriceBook book = await store.GetPriceBookAsync(scope.Customers, cancel);
        TimeRange range = RangeOf(scope);
        string[] cut = [.. book.Invoices.Where(i => i.Range.Start < range.End && i.Range.End > range.Start && !IsWithin(i.Range, range)).Select(i => i.Id)];
        var warnings = new List<string>();
        if (cut.Length > 0)
            warnings.Add($"{string.Join(", ", cut)}: a part of this range is on {(cut.Length == 1 ? "an invoice of a longer one, whose" : "invoices of longer ones, whose")} lines are not here. Get-UsageInvoice shows them.");

        // What was invoiced stays on its invoice, wherever the records are.
        if (await ArchivedRecords.WarnAsync(store, scope.Filter, scope.Range, "", cancel) is { } archived && !await IsInvoicedAsync(store, book, scope.Customers, range, cancel))
            warnings.Add(archived);

        return warnings;
    }

    private static async Task<bool> IsInvoicedAsync(IUsageStore store, PriceBook book, IReadOnlyList<string>? customers, TimeRange range, CancellationToken cancel)
    {
        if (customers is null)
            return false;

        StoredArchive[] archives = [.. (await store.GetArchivesAsync(cancel)).Where(a => a.RestoredAt is null)];
        return customers.All(c => IsCovered(range, [.. book.InvoicesOf(c)], [.. archives.Where(a => a.CustomerIds.Contains(c))]));
    }

    /// <summary>Whether invoices have all of a range, each from before any records of it were archived.</summary>
    private static bool IsCovered(TimeRange range, StoredInvoice[] invoices, StoredArchive[] archives)
    {
        DateTimeOffset reached = range.Start;
        while (reached < range.End)
        {
            StoredInvoice? next = invoices.FirstOrDefault(i => i.Range.Start <= reached && i.Range.End > reached
                && !archives.Any(a => a.Start < i.Range.End && a.End > i.Range.Start && a.ArchivedAt < i.SavedAt));
            if (next is null)
                return false;

            reached = next.Range.End;
        }

        return true;
    }

    private static bool IsWithin(TimeRange inner, TimeRange outer) => inner.Start >= outer.Start && inner.End <= outer.End;

    /// <summary>The range, without the time in which nothing can ever be.</summary>
    internal static TimeRange RangeOf(ReportScope scope)
    {
        DateTimeOffset start = scope.Range.Start < TimeRange.Everything.Start ? TimeRange.Everything.Start : scope.Range.Start;
        DateTimeOffset end = scope.Range.End > TimeRange.Everything.End ? TimeRange.Everything.End : scope.Range.End;
        return end > start ? new TimeRange(start, end) : new TimeRange(start, start);
    }

    private static async Task<(PriceBook Book, CostLines Lines, IReadOnlyList<PricedUsage> Usage, IReadOnlyList<Overage> Overages)> DraftAsync(
        IUsageStore store, ReportScope scope, CancellationToken cancel)
    {
        TimeRange range = RangeOf(scope);
        PriceBook book = await store.GetPriceBookAsync(scope.Customers, cancel);
        IReadOnlyList<DateTimeOffset> bounds = book.Bounds(range, withInvoices: true);
        IReadOnlyList<PricedUsage> usage = range.IsEmpty
            ? [] : await store.SumPricedAsync(scope.Filter, bounds, book.Known, uninvoicedOnly: true, cancel);
        // Where something came late, what is above a limit may have become more.
        ILookup<string, TimeRange> late = usage
            .Select(u => (u.CustomerId, book.Covering(u.CustomerId, bounds[u.Period])?.Range))
            .Where(l => l.Range is not null).Distinct().ToLookup(l => l.CustomerId, l => l.Range!.Value);
        IReadOnlyList<Overage> overages = await Overage.ReadAsync(
            store, scope.Customers, scope.Services, c => late[c].Append(range), DateTimeOffset.UtcNow, scope.Widening, cancel);
        return (book, new CostLines(book, bounds, range, scope.Services), usage, overages);
    }
}
