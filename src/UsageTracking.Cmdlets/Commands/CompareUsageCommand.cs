using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Reports;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsData.Compare, "Usage")]
[OutputType(typeof(UsageDifference))]
public sealed class CompareUsageCommand : RangeReportCmdlet
{
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CustomerCompleter))]
    public override string[]? CustomerId { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) => TimeRange.Everything;

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        bool wholeStore = Scope.Filter == UsageFilter.All && Start is null && End is null;
        foreach (UsageDifference difference in Wait(ComparisonReport.ReadAsync(Connection.Store, Scope.Filter, Scope, wholeStore, Cancel)))
            WriteObject(difference);
    }
}
