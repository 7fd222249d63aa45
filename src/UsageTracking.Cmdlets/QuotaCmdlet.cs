using UsageTracking.Quotas;
using UsageTracking.Stores;

namespace UsageTracking.Cmdlets;

/// <summary>What looks at the quotas of some services of some customers.</summary>
public abstract class QuotaCmdlet : SelectionCmdlet
{
    internal QuotaBook Book { get; private set; } = null!;

    /// <summary>How the quotas that are in force stand now.</summary>
    internal IReadOnlyList<QuotaStanding> Standings { get; private set; } = [];

    /// <summary>What had to be counted whole.</summary>
    internal Widening Widening { get; private set; } = new();

    /// <summary>The customers and services asked for.</summary>
    internal UsageFilter Filter => new(CustomersOrAll, [.. Services.Select(s => s.Name)]);

    /// <summary>Does what there is to do with <see cref="Standings"/>.</summary>
    protected abstract void OnQuotas();

    /// <inheritdoc/>
    protected sealed override void OnProcess()
    {
        Prepare();
        FlushPending(Connection);
        if (!Select())
            return;

        Book = Wait(QuotaBook.ReadAsync(Connection.Store, CustomersOrAll, Services, Cancel));
        Widening = new Widening();
        // Not on this thread: the periods of thousands of quotas are walked through before the store is asked.
        Standings = Wait(Task.Run(() => QuotaReader.ReadAsync(Connection.Store, Book, Book.Quotas, DateTimeOffset.UtcNow, Widening, Cancel), Cancel));
        OnQuotas();
        WriteWarningOf(Widening);
    }
}
