using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Quotas;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageAlert")]
[OutputType(typeof(UsageAlert))]
public sealed class GetUsageAlertCommand : SelectionCmdlet
{
    [Parameter(Position = 0)]
    [ValidateRange(0, 36_500)]
    public int Days { get; set; } = 7;

    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public QuotaLevel[]? Level { get; set; }

    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public override string[] Service { get; set; } = ["*"];

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        Prepare();
        TimeZoneInfo zone = ZoneOf(TimeZone);
        if (!Select())
            return;

        DateTimeOffset since = TimeRange.LastDays(Days, DateTimeOffset.UtcNow, zone).Start;
        var filter = new UsageFilter(CustomersOrAll, EveryService ? null : [.. Services.Select(s => s.Name)]);
        foreach (UsageAlert alert in Wait(AlertCheck.GetAsync(Connection.Store, filter, since, Cancel)))
        {
            if (Level is null || Level.Contains(alert.Level))
                WriteObject(Logged(alert));
        }
    }

    // By this name the format view with the line of the log is found.
    private static PSObject Logged(UsageAlert alert)
    {
        var logged = new PSObject(alert);
        logged.TypeNames.Insert(0, typeof(UsageAlert).FullName + "#Logged");
        return logged;
    }
}
