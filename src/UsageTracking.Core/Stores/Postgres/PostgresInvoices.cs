using Npgsql;
using NpgsqlTypes;
using UsageTracking.Metering;
using UsageTracking.Metering.Pricing;
using UsageTracking.Time;

namespace UsageTracking.Stores.Postgres;

/// <summary>The tables of invoices, and what they are made of.</summary>
internal sealed class PostgresInvoices(PostgresSource source, StoreAddress address)
{
    private const string InvoiceColumns = "invoice_number, customer_id, range_start, range_end, time_zone, saved_at";

    // A correction knows of the prices that were known to what it corrects.
    private const string KnownAt =
        """
        CASE WHEN corrects_id IS NULL THEN received_at
        ELSE coalesce((SELECT c.received_at FROM billing_usage_records c WHERE c.customer_id = r.customer_id AND c.recorded_at = r.recorded_at AND c.usage_id = r.corrects_id), received_at) END
        """;

    public async Task<PriceBook> GetBookAsync(IReadOnlyList<string>? customerIds, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync(customerIds, cancel);
        return await ReadBookAsync(connection, customerIds, cancel);
    }

    public async Task<IReadOnlyList<StoredInvoice>> GetAsync(IReadOnlyList<string>? customerIds, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync(customerIds, cancel);
        return await ReadAsync(connection, customerIds, withClosed: true, cancel);
    }

    public async Task<IReadOnlyList<PricedUsage>> SumAsync(
        UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<DateTimeOffset> known, bool uninvoicedOnly, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenToReadAsync(filter.CustomerIds, cancel);
        return await SumAsync(connection, uninvoicedOnly ? "invoice_id IS NULL" : "TRUE", filter, bounds, known, cancel);
    }

    public async Task<StoredInvoice?> SaveAsync(InvoiceDraft draft, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        await PostgresVisibility.CheckAsync(connection, address, cancel);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        // Whoever waits here sees, by the statements that follow, the invoice waited for.
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtext('usage_invoices'))", cancel);
        PriceBook book = await ReadBookAsync(connection, [draft.CustomerId], cancel);
        IReadOnlyList<DateTimeOffset> bounds = book.Bounds(draft.Range, withInvoices: true);
        var filter = new UsageFilter([draft.CustomerId], draft.Services);
        StoredInvoice invoice = await EnterAsync(connection, draft, cancel);
        ProtocolStep.Pass("invoice mark");
        await MarkAsync(connection, draft, book, invoice, cancel);
        ProtocolStep.Pass("invoice mark done");
        // Just what was marked, whatever was committed since.
        IReadOnlyList<PricedUsage> usage = await SumAsync(connection, "invoice_id = $7", filter, bounds, book.Known, cancel, invoice.Id);
        invoice = invoice with { Lines = draft.Price(book, bounds, usage) };
        if (invoice.Lines.Count == 0 && draft.IsCovered(book))
            return null;

        await AddLinesAsync(connection, invoice, cancel);
        await transaction.CommitAsync(CancellationToken.None);
        return invoice;
    }

    private static async Task<StoredInvoice> EnterAsync(NpgsqlConnection connection, InvoiceDraft draft, CancellationToken cancel)
    {
        await using NpgsqlCommand command = connection.Command(
            $"""
            INSERT INTO usage_invoices (invoice_number, customer_id, range_start, range_end, time_zone)
            VALUES ($1, $2, $3, $4, $5) RETURNING {InvoiceColumns}
            """,
            await connection.ScalarAsync("SELECT coalesce(max(invoice_number), 0) + 1 FROM usage_invoices", cancel), draft.CustomerId, draft.Range.Start.UtcDateTime, draft.Range.End.UtcDateTime, draft.TimeZone);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return InvoiceAt(reader, []);
    }

    /// <summary>Marks what is on no invoice yet, of the range and of those before it.</summary>
    private static async Task MarkAsync(NpgsqlConnection connection, InvoiceDraft draft, PriceBook book, StoredInvoice invoice, CancellationToken cancel)
    {
        IReadOnlyList<TimeRange> ranges = draft.Ranges(book);
        await using NpgsqlCommand command = connection.Command(
            """
            UPDATE billing_usage_records SET invoice_id = $1
            WHERE customer_id = $2 AND service_name = ANY ($3) AND recorded_at >= $4 AND recorded_at < $5 AND aggregated AND invoice_id IS NULL
              AND EXISTS (SELECT 1 FROM unnest($6, $7) AS r (first, last) WHERE recorded_at >= first AND recorded_at < last)
            """,
            invoice.Id, draft.CustomerId, PostgresCommands.TextArray(draft.Services), ranges.Min(r => r.Start).UtcDateTime, draft.Range.End.UtcDateTime,
            ranges.Select(r => r.Start.UtcDateTime).ToArray(), ranges.Select(r => r.End.UtcDateTime).ToArray());
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task AddLinesAsync(NpgsqlConnection connection, StoredInvoice invoice, CancellationToken cancel)
    {
        await connection.ExecuteAsync(
            "UPDATE usage_invoices SET total = $2::text::numeric WHERE invoice_number = $1", cancel, invoice.Number, invoice.Total.ToString());
        for (int i = 0; i < invoice.Lines.Count; i++)
        {
            InvoiceLine line = invoice.Lines[i];
            await connection.ExecuteAsync(
                """
                INSERT INTO usage_invoice_lines (invoice_number, line_number, kind, service_name, description, quantity, unit, unit_cost, flat_fee, amount,
                                                 line_start, line_end, tier, price_id, period_start, period_end)
                VALUES ($1, $2, $3, $4, $5, $6::text::numeric, $7, $8, $9, $10::text::numeric, $11, $12, $13, $14, $15, $16)
                """,
                cancel, invoice.Number, i + 1, PriceTexts.Of(line.Kind), line.Service, line.Description, line.Quantity.ToString(), line.Unit, line.UnitCost,
                line.FlatFee, line.Amount.ToString(), line.Start.UtcDateTime, line.End.UtcDateTime,
                PostgresCommands.Nullable(line.Tier, NpgsqlDbType.Integer), PostgresCommands.Nullable(line.PriceId, NpgsqlDbType.Bigint),
                line.Period.Start.UtcDateTime, line.Period.End.UtcDateTime);
        }
    }

    private static async Task<PriceBook> ReadBookAsync(NpgsqlConnection connection, IReadOnlyList<string>? customerIds, CancellationToken cancel)
    {
        Dictionary<string, string> plans;
        List<Price> prices;
        await using (NpgsqlBatch batch = new(connection)
        {
            BatchCommands =
            {
                PostgresCommands.BatchCommand(PostgresSettings.SelectPlans, PostgresCommands.TextArray(customerIds)),
                PostgresCommands.BatchCommand(
                    PostgresPrices.Select + " WHERE $1::text[] IS NULL OR customer_id IS NULL OR customer_id = ANY ($1)", PostgresCommands.TextArray(customerIds)),
            },
        })
        {
            await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
            plans = await PostgresSettings.ReadPlansAsync(reader, cancel);
            await reader.NextResultAsync(cancel);
            prices = await PostgresPrices.ReadAsync(reader, cancel);
        }

        return new PriceBook(prices, plans, await ReadAsync(connection, customerIds, withClosed: false, cancel));
    }

    private static async Task<IReadOnlyList<StoredInvoice>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<string>? customerIds, bool withClosed, CancellationToken cancel)
    {
        const string OfCustomers = "($1::text[] IS NULL OR customer_id = ANY ($1)) AND ($2 OR NOT is_closed)";
        await using NpgsqlBatch batch = new(connection)
        {
            BatchCommands =
            {
                PostgresCommands.BatchCommand(
                    $"""
                    SELECT invoice_number, customer_id, kind, service_name, description, quantity::text, unit, unit_cost, flat_fee, amount::text,
                           line_start, line_end, tier, price_id, period_start, period_end
                    FROM usage_invoice_lines JOIN usage_invoices USING (invoice_number) WHERE {OfCustomers} ORDER BY invoice_number, line_number
                    """, PostgresCommands.TextArray(customerIds), withClosed),
                PostgresCommands.BatchCommand(
                    $"SELECT {InvoiceColumns} FROM usage_invoices WHERE {OfCustomers} ORDER BY invoice_number", PostgresCommands.TextArray(customerIds), withClosed),
            },
        };
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
        var lines = new List<(long Number, InvoiceLine Line)>();
        while (await reader.ReadAsync(cancel))
            lines.Add((reader.GetInt64(0), LineAt(reader)));

        ILookup<long, InvoiceLine> ofInvoice = lines.ToLookup(l => l.Number, l => l.Line);
        await reader.NextResultAsync(cancel);
        var invoices = new List<StoredInvoice>();
        while (await reader.ReadAsync(cancel))
            invoices.Add(InvoiceAt(reader, [.. ofInvoice[reader.GetInt64(0)]]));

        return invoices;
    }

    private static async Task<IReadOnlyList<PricedUsage>> SumAsync(
        NpgsqlConnection connection, string condition, UsageFilter filter, IReadOnlyList<DateTimeOffset> bounds, IReadOnlyList<DateTimeOffset> known,
        CancellationToken cancel, params string[] more)
    {
        await using NpgsqlCommand command = connection.Command(
            $"""
            SELECT customer_id, service_name, width_bucket(recorded_at, $5) - 1, width_bucket(known_at, $6), unit_cost, sum(quantity)::text
            FROM (SELECT customer_id, service_name, recorded_at, {KnownAt} AS known_at, coalesce(unit_cost, 0) AS unit_cost, quantity
                  FROM billing_usage_records r
                  WHERE {PostgresReader.Matches} AND recorded_at >= $3 AND recorded_at < $4 AND aggregated AND {condition}) x
            GROUP BY 1, 2, 3, 4, 5
            """,
            [
                PostgresCommands.TextArray(filter.CustomerIds), PostgresCommands.TextArray(filter.Services),
                bounds[0].UtcDateTime, bounds[^1].UtcDateTime, bounds.Select(b => b.UtcDateTime).ToArray(), known.Select(k => k.UtcDateTime).ToArray(), .. more,
            ]);
        command.CommandTimeout = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<PricedUsage>();
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(new PricedUsage(
                reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt32(3), ExactDecimal.Trim(reader.GetDecimal(4)),
                ExactDecimal.Parse(reader.GetString(5))));
        }

        return rows;
    }

    private static StoredInvoice InvoiceAt(NpgsqlDataReader reader, IReadOnlyList<InvoiceLine> lines) => new(
        reader.GetInt64(0), reader.GetString(1), new TimeRange(reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3)),
        reader.GetString(4), reader.GetFieldValue<DateTimeOffset>(5), lines);

    private static InvoiceLine LineAt(NpgsqlDataReader reader) => new()
    {
        CustomerId = reader.GetString(1),
        Kind = PriceTexts.Kind(reader.GetString(2)),
        Service = reader.GetString(3),
        Description = reader.GetString(4),
        Quantity = ExactDecimal.Parse(reader.GetString(5)),
        Unit = reader.GetString(6),
        UnitCost = ExactDecimal.Trim(reader.GetDecimal(7)),
        FlatFee = ExactDecimal.Trim(reader.GetDecimal(8)),
        Amount = ExactDecimal.Parse(reader.GetString(9)),
        Start = reader.GetFieldValue<DateTimeOffset>(10),
        End = reader.GetFieldValue<DateTimeOffset>(11),
        Tier = reader.IsDBNull(12) ? null : reader.GetInt32(12),
        PriceId = reader.IsDBNull(13) ? null : reader.GetInt64(13),
        Period = new TimeRange(reader.GetFieldValue<DateTimeOffset>(14), reader.GetFieldValue<DateTimeOffset>(15)),
    };
}
