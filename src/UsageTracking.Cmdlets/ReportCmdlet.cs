using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets;

/// <summary>What every report has: customers, services, a time and a zone, and the wish to see what was just added.</summary>
public abstract class ReportCmdlet : SelectionCmdlet
{
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    internal ReportScope Scope { get; private set; } = null!;

    /// <summary>The time the report is about.</summary>
    protected abstract TimeRange ReadRange(DateTimeOffset now, TimeZoneInfo zone);

    /// <summary>Refuses what would make the report useless, before the store is asked.</summary>
    protected virtual void CheckInput()
    {
    }

    /// <summary>Writes the report on <see cref="Scope"/>.</summary>
    protected abstract void WriteReport();

    /// <summary>Says how many records a report on records cannot read, if any.</summary>
    /// <param name="place">Where they are missing; empty for everywhere.</param>
    protected void WarnOfArchived(string place = "")
    {
        if (Wait(ArchivedRecords.WarnAsync(Connection.Store, Scope.Filter, Scope.Range, place, Cancel)) is { } warning)
            WriteWarning(warning);
    }

    /// <inheritdoc/>
    protected sealed override void OnProcess()
    {
        CheckInput();
        Prepare();
        TimeZoneInfo zone = ZoneOf(TimeZone);
        TimeRange range = ReadRange(DateTimeOffset.UtcNow, zone);
        FlushPending(Connection);
        bool any = Select();
        Scope = new ReportScope(CustomersOrAll, Services, range, zone) { HasEveryService = EveryService };
        if (!any)
            return;

        WriteReport();
        WriteWarningOf(Scope.Widening);
    }
}
