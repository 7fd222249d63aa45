using Microsoft.Data.Sqlite;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Stores.Sqlite;

/// <summary>The tables of invoices, and what they are made of.</summary>
internal static class SqliteInvoices
{
    private const string OfCustomers = "($1 IS NULL OR customer_id IN (SELECT value FROM json_each($1)))";

    // A correction knows of the prices that were known to what it corrects.
    private const string KnownAt =
        """
        CASE WHEN corrects_id IS NULL THEN received_at
        ELSE coalesce((SELECT c.received_at FROM billing_usage_records c WHERE c.usage_id = r.corrects_id), received_at) END
        """;

    public static PriceBook ReadBook(SqliteConnection connection, IReadOnlyList<string>? customerIds)
    {
        string? ids = SqliteCommands.List(customerIds);
        return new PriceBook(
            SqlitePrices.Read(connection, $"customer_id IS NULL OR {OfCustomers}", ids), SqliteSettings.ReadPlans(connection, ids), Read(connection, customerIds, withClosed: false));
    }

    public static IReadOnlyList<StoredInvoice> Read(SqliteConnection connection, IReadOnlyList<string>? customerIds, bool withClosed)
    {
        string? ids = SqliteCommands.List(customerIds);
        ILookup<long, InvoiceLine> lines = connection.Query(
            $"""
            SELECT invoice_number, customer_id, kind, service_name, description, quantity, unit, unit_cost, flat_fee, amount,
                   line_start, line_end, tier, price_id, period_start, period_end
            FROM usage_invoice_lines JOIN usage_invoices USING (invoice_number) WHERE {OfCustomers} AND ($2 OR NOT is_closed) ORDER BY invoice_number, line_number
            """, ids, withClosed)
            .Select(r => (Number: r.GetInt64(0), Line: LineAt(r))).ToLookup(l => l.Number, l => l.Line);
        return
        [
            .. connection.Query(
                $"""
                SELECT invoice_number, customer_id, range_start, range_end, time_zone, saved_at FROM usage_invoices
                WHERE {OfCustomers} AND ($2 OR NOT is_closed) ORDER BY invoice_number
                """, ids, withClosed)
                .Select(r => new StoredInvoice(
                    r.GetInt64(0), r.GetString(1), new TimeRange(SqliteText.Time(r.GetString(2)), SqliteText.Time(r.GetString(3))), r.GetString(4),
                    SqliteText.Time(r.GetString(5)), [.. lines[r.GetInt64(0)]])),
        ];
    }

    public static IReadOnlyList<PricedUsage> Sum(
        SqliteConnection connection, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<DateTimeOffset> known, bool uninvoicedOnly) =>
        Sum(connection, filter, bounds, known, uninvoicedOnly ? "AND invoice_id IS NULL" : "", null);

    /// <summary>Saves an invoice; the write lock keeps everybody else away until it is committed.</summary>
    public static StoredInvoice? Save(SqliteConnection connection, InvoiceDraft draft)
    {
        PriceBook book = ReadBook(connection, [draft.CustomerId]);
        IReadOnlyList<DateTimeOffset> bounds = book.Bounds(draft.Range, withInvoices: true);
        long number = (long)connection.Scalar(
            """
            INSERT INTO usage_invoices (invoice_number, customer_id, range_start, range_end, time_zone)
            SELECT coalesce(max(invoice_number), 0) + 1, $1, $2, $3, $4 FROM usage_invoices RETURNING invoice_number
            """,
            draft.CustomerId, SqliteText.Time(draft.Range.Start), SqliteText.Time(draft.Range.End), draft.TimeZone)!;
        ProtocolStep.Pass("invoice mark");
        foreach (TimeRange range in draft.Ranges(book))
        {
            connection.Execute(
                """
                UPDATE billing_usage_records SET invoice_id = $1
                WHERE customer_id = $2 AND service_name IN (SELECT value FROM json_each($3)) AND recorded_at >= $4 AND recorded_at < $5
                  AND aggregated = 1 AND invoice_id IS NULL
                """,
                StoredInvoice.IdOf(number), draft.CustomerId, SqliteCommands.List(draft.Services), SqliteText.Time(range.Start), SqliteText.Time(range.End));
        }

        ProtocolStep.Pass("invoice mark done");
        IReadOnlyList<PricedUsage> usage = Sum(
            connection, new UsageFilter([draft.CustomerId], draft.Services), bounds, book.Known, "AND invoice_id = $5", StoredInvoice.IdOf(number));
        IReadOnlyList<InvoiceLine> lines = draft.Price(book, bounds, usage);
        if (lines.Count == 0 && draft.IsCovered(book))
        {
            connection.Execute("DELETE FROM usage_invoices WHERE invoice_number = $1", number);
            // What was marked adds up to nothing, but another invoice will have the number.
            if (usage.Count > 0)
            {
                connection.Execute(
                    "UPDATE billing_usage_records SET invoice_id = NULL WHERE customer_id = $1 AND invoice_id = $2", draft.CustomerId, StoredInvoice.IdOf(number));
            }

            return null;
        }

        AddLines(connection, number, lines);
        return Read(connection, [draft.CustomerId], withClosed: false).Single(i => i.Number == number);
    }

    private static void AddLines(SqliteConnection connection, long number, IReadOnlyList<InvoiceLine> lines)
    {
        ExactDecimal total = lines.Aggregate(ExactDecimal.Zero, (sum, line) => sum + line.Amount);
        connection.Execute("UPDATE usage_invoices SET total = $2 WHERE invoice_number = $1", number, total.ToString());
        for (int i = 0; i < lines.Count; i++)
        {
            InvoiceLine line = lines[i];
            connection.Execute(
                """
                INSERT INTO usage_invoice_lines (invoice_number, line_number, kind, service_name, description, quantity, unit, unit_cost, flat_fee, amount,
                                                 line_start, line_end, tier, price_id, period_start, period_end)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
                """,
                number, i + 1, PriceTexts.Of(line.Kind), line.Service, line.Description, line.Quantity.ToString(), line.Unit, SqliteText.Number(line.UnitCost),
                SqliteText.Number(line.FlatFee), line.Amount.ToString(), SqliteText.Time(line.Start), SqliteText.Time(line.End), line.Tier, line.PriceId,
                SqliteText.Time(line.Period.Start), SqliteText.Time(line.Period.End));
        }
    }

    private static IReadOnlyList<PricedUsage> Sum(
        SqliteConnection connection, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<DateTimeOffset> known, string also, string? invoice)
    {
        // The text of times sorts by time.
        string[] periods = [.. bounds.Select(SqliteText.Time)];
        string[] instants = [.. known.Select(SqliteText.Time)];
        var sums = new Dictionary<(string, string, int, int, decimal), ExactDecimal>();
        foreach (SqliteDataReader row in connection.Query(
            $"""
            SELECT customer_id, service_name, recorded_at, {KnownAt}, coalesce(unit_cost, '0'), quantity FROM billing_usage_records r
            WHERE {SqliteCommands.Where(filter)} recorded_at >= $3 AND recorded_at < $4 AND aggregated = 1 {also}
            """,
            SqliteCommands.List(filter.CustomerIds), SqliteCommands.List(filter.Services), periods[0], periods[^1], invoice))
        {
            (string, string, int, int, decimal) key = (
                row.GetString(0), row.GetString(1), Reached(periods, row.GetString(2)) - 1, Reached(instants, row.GetString(3)),
                ExactDecimal.Trim(row.SmallAt(4)!.Value));
            sums[key] = sums.GetValueOrDefault(key) + row.ExactAt(5);
        }

        return [.. sums.Select(s => new PricedUsage(s.Key.Item1, s.Key.Item2, s.Key.Item3, s.Key.Item4, s.Key.Item5, s.Value))];

        static int Reached(string[] bounds, string time)
        {
            int at = Array.BinarySearch(bounds, time, StringComparer.Ordinal);
            return at >= 0 ? at + 1 : ~at;
        }
    }

    private static InvoiceLine LineAt(SqliteDataReader row) => new()
    {
        CustomerId = row.GetString(1),
        Kind = PriceTexts.Kind(row.GetString(2)),
        Service = row.GetString(3),
        Description = row.GetString(4),
        Quantity = row.ExactAt(5),
        Unit = row.GetString(6),
        UnitCost = SqliteText.Number(row.GetString(7)),
        FlatFee = SqliteText.Number(row.GetString(8)),
        Amount = row.ExactAt(9),
        Start = SqliteText.Time(row.GetString(10)),
        End = SqliteText.Time(row.GetString(11)),
        Tier = row.IsDBNull(12) ? null : row.GetInt32(12),
        PriceId = row.IsDBNull(13) ? null : row.GetInt64(13),
        Period = new TimeRange(SqliteText.Time(row.GetString(14)), SqliteText.Time(row.GetString(15))),
    };
}
