using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Session;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets;

/// <summary>What takes stored records back. Those that come down the pipeline go to the store some thousands at a time.</summary>
public abstract class CorrectionCmdlet : UsageCmdlet
{
    private readonly List<RecordCorrection> _waiting = [];
    private StoreConnection _connection = null!;
    private TimeZoneInfo _zone = null!;

    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public long[] Id { get; set; } = [];

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public object? Timestamp { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? CustomerId { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string By { get; set; } = Environment.UserName;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TimeZone { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What is done to a record, as the question says.</summary>
    protected abstract string Action { get; }

    /// <summary>The correction of one record.</summary>
    protected abstract RecordCorrection Correct(RecordCorrection correction);

    /// <summary>Why, as it is kept.</summary>
    protected abstract string ReasonGiven { get; }

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _zone = ZoneOf(TimeZone);
        _connection = Session.Connection;
        Wait(_connection.PrepareAsync(Cancel));
    }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        DateTimeOffset? time = Timestamp is null ? null : Instants.Truncate(TimeInput.From(Unwrap.Base(Timestamp)).Start(_zone));
        foreach (long id in Id)
        {
            RecordCorrection correction = Correct(new RecordCorrection { Id = id, Timestamp = time, CustomerId = CustomerId, By = By, Reason = ReasonGiven }).Check();
            if (ShouldProcess(CustomerId is null ? $"record {id}" : $"record {id} of {CustomerId}", $"{Action} in {_connection.Store.Address}"))
                _waiting.Add(correction);
        }

        if (_waiting.Count >= RecordCorrections.ChunkSize)
            Send();
    }

    /// <inheritdoc/>
    protected override void OnEnd() => Send();

    private void Send()
    {
        foreach (RecordCorrection[] chunk in _waiting.Chunk(RecordCorrections.ChunkSize))
        {
            foreach (CorrectionOutcome outcome in Wait(RecordCorrections.WriteAsync(_connection.Store, chunk, Cancel)))
            {
                if (outcome.Error is { } error)
                    WriteItemError(error);
                else if (PassThru)
                    WriteObject(new UsageRecordInfo(outcome.Record!, _zone));
            }
        }

        _waiting.Clear();
    }
}
