param([string] $Folder = '/data')

# Calculate storage usage
$bytes = (Get-ChildItem $Folder -Recurse -File | Measure-Object Length -Sum).Sum
$check = Join-Path $Folder .last_check
if (-not (Test-Path $check)) { $null = New-Item $check }
$hours = ([DateTime]::UtcNow - (Get-Item $check -Force).LastWriteTimeUtc).TotalHours

# Track usage
Add-UsageStorage $bytes $hours

# Update last check
(Get-Item $check -Force).LastWriteTimeUtc = [DateTime]::UtcNow

# Check if approaching quota
Invoke-UsageAlertCheck storage
