using Npgsql;

namespace UsageTracking.Stores.Postgres;

/// <summary>
/// Opens connections. Where row-level security decides what a role sees, its policies may ask whose rows are wanted, as those
/// of nself do; then that is said within the transaction, and forgotten with it.
/// </summary>
internal sealed class PostgresSource(NpgsqlDataSource source) : IAsyncDisposable
{
    private bool? _isSecured;
    private bool? _isDistributed;

    public ValueTask<NpgsqlConnection> OpenConnectionAsync(CancellationToken cancel) => source.OpenConnectionAsync(cancel);

    /// <summary>
    /// Opens a connection for reading the rows of these customers, of which nothing is kept: it may be in a transaction.
    /// Of several customers, a role sees what it sees unasked.
    /// </summary>
    public async Task<NpgsqlConnection> OpenToReadAsync(IReadOnlyCollection<string>? customers, CancellationToken cancel)
    {
        NpgsqlConnection connection = await source.OpenConnectionAsync(cancel);
        try
        {
            if (customers is { Count: 1 } && await IsSecuredAsync(connection, cancel))
            {
                // It ends with the connection.
                await connection.BeginTransactionAsync(cancel);
                await ActForAsync(connection, customers.First(), cancel);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Says within a transaction whose rows the next statements are about; of several, a role sees what it sees unasked.</summary>
    public async Task ActForAsync(NpgsqlConnection connection, IReadOnlyCollection<string>? customers, CancellationToken cancel)
    {
        if (customers is { Count: 1 } && await IsSecuredAsync(connection, cancel))
            await ActForAsync(connection, customers.First(), cancel);
    }

    /// <summary>Says within a transaction whose rows the next statements are about.</summary>
    public static Task ActForAsync(NpgsqlConnection connection, string customer, CancellationToken cancel) =>
        connection.ScalarAsync("SELECT set_config('app.current_customer_id', $1, true)", cancel, customer);

    /// <summary>Whether the tables are distributed; asked once.</summary>
    public async Task<bool> IsDistributedAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        _isDistributed ??= (bool)(await connection.ScalarAsync($"SELECT {PostgresDistribution.IsDistributed}", cancel))!;

    /// <summary>A statement as the tables' layout takes it.</summary>
    public async Task<string> AdaptAsync(NpgsqlConnection connection, string sql, CancellationToken cancel) =>
        await IsDistributedAsync(connection, cancel) ? PostgresDistribution.Adapt(sql) : sql;

    /// <summary>Asks again: the layout may have changed.</summary>
    public void ForgetLayout() => _isDistributed = null;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => source.DisposeAsync();

    private async Task<bool> IsSecuredAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        _isSecured ??= (bool)(await connection.ScalarAsync("SELECT row_security_active('billing_usage_records')", cancel))!;
}
