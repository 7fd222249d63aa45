BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $platforms = @(
        # The first bytes of each kind of program are followed by the processor it is for.
        @{ Platform = 'win-x64'; File = 'e_sqlite3.dll'; Kind = 'PE'; Processor = 0x8664 }
        @{ Platform = 'win-arm64'; File = 'e_sqlite3.dll'; Kind = 'PE'; Processor = 0xAA64 }
        @{ Platform = 'linux-x64'; File = 'libe_sqlite3.so'; Kind = 'ELF'; Processor = 62 }
        @{ Platform = 'linux-arm64'; File = 'libe_sqlite3.so'; Kind = 'ELF'; Processor = 183 }
        @{ Platform = 'linux-musl-x64'; File = 'libe_sqlite3.so'; Kind = 'ELF'; Processor = 62 }
        @{ Platform = 'osx-x64'; File = 'libe_sqlite3.dylib'; Kind = 'Mach-O'; Processor = 0x01000007 }
        @{ Platform = 'osx-arm64'; File = 'libe_sqlite3.dylib'; Kind = 'Mach-O'; Processor = 0x0100000C }
    )
    $installations = @(
        @{ From = 'zip'; To = 'modules'; Kind = 'Sqlite'; Skip = $false }
        @{ From = 'zip'; To = 'modules'; Kind = 'PostgreSql'; Skip = -not $env:USAGE_TEST_POSTGRES }
        @{ From = 'nupkg'; To = 'my modules é 模块'; Kind = 'Sqlite'; Skip = $false }
    )
}

BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/../build/Tools.ps1
    $root = Convert-Path $PSScriptRoot/..
    $source = Import-PowerShellDataFile $root/module/UsageTracking.psd1
    $version = $source.ModuleVersion
    $zip, $nupkg = & $root/build/New-Package.ps1 -OutputPath $TestDrive/package

    # As the zip is to be unpacked, and as Install-PSResource unpacks a nupkg: without what describes it.
    function Expand-Package([string] $From, [string] $To) {
        $modules = (New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid())/$To").FullName
        if ($From -eq 'zip') {
            [System.IO.Compression.ZipFile]::ExtractToDirectory($zip, $modules)
        }
        else {
            [System.IO.Compression.ZipFile]::ExtractToDirectory($nupkg, "$modules/UsageTracking/$version")
            Remove-Item -LiteralPath "$modules/UsageTracking/$version/_rels", "$modules/UsageTracking/$version/UsageTracking.nuspec", "$modules/UsageTracking/$version/[Content_Types].xml" -Recurse -Force
        }
        $modules
    }

    function Get-RelativeFile([string] $Folder) {
        Get-ChildItem $Folder -Recurse -File -Force | ForEach-Object { [System.IO.Path]::GetRelativePath($Folder, $_.FullName).Replace('\', '/') } | Sort-Object
    }

    $installed = "$(Expand-Package zip modules)/UsageTracking/$version"
}

Describe 'The package' {
    It 'is a zip and a nupkg of less than 25 MB, named by the version' {
        $zip.Name | Should -Be "UsageTracking.$version.zip"
        $nupkg.Name | Should -Be "UsageTracking.$version.nupkg"
        $zip.Length, $nupkg.Length | ForEach-Object { $_ | Should -BeLessThan 25MB }
        Get-ChildItem $TestDrive/package | Should -HaveCount 2
    }

    It 'holds what is needed, and nothing else' {
        $libraries = 'ClosedXML', 'CsvHelper', 'DocumentFormat.OpenXml', 'ExcelNumberFormat', 'Microsoft.Data.Sqlite',
            'Microsoft.Extensions.DependencyInjection.Abstractions', 'Microsoft.Extensions.Logging.Abstractions', 'Npgsql',
            'SQLitePCLRaw.batteries_v2', 'SQLitePCLRaw.core', 'SQLitePCLRaw.provider.e_sqlite3', 'System.Diagnostics.DiagnosticSource',
            'System.Drawing.Common', 'System.IO.Packaging', 'System.Private.Windows.Core', 'System.Private.Windows.GdiPlus',
            'UsageTracking.Cmdlets', 'UsageTracking.Core', 'UsageTracking.Loader'
        $native = 'linux-arm64/native/libe_sqlite3.so', 'linux-musl-x64/native/libe_sqlite3.so', 'linux-x64/native/libe_sqlite3.so',
            'osx-arm64/native/libe_sqlite3.dylib', 'osx-x64/native/libe_sqlite3.dylib', 'win-arm64/native/e_sqlite3.dll', 'win-x64/native/e_sqlite3.dll'
        $expected = @(
            'LICENSE', 'THIRD-PARTY-NOTICES.txt', 'UsageTracking.Format.ps1xml', 'UsageTracking.psd1', 'UsageTracking.psm1'
            'bin/UsageTracking.Cmdlets.deps.json'
            'en-US/UsageTracking.Cmdlets.dll-Help.xml'
            Get-ChildItem $root/docs/about_*.md | ForEach-Object { "en-US/$($_.BaseName).help.txt" }
            $libraries | ForEach-Object { "bin/$_.dll" }
            $native | ForEach-Object { "bin/runtimes/$_" }
        ) | Sort-Object
        Get-RelativeFile $installed | Should -Be $expected
        Get-ChildItem $installed -Recurse -Directory | Where-Object { -not (Get-ChildItem $_) } | Should -BeNullOrEmpty

        $fromNupkg = "$(Expand-Package nupkg modules)/UsageTracking/$version"
        Get-RelativeFile $fromNupkg | Should -Be $expected
        foreach ($file in $expected) {
            (Get-FileHash -LiteralPath "$fromNupkg/$file").Hash | Should -Be (Get-FileHash -LiteralPath "$installed/$file").Hash
        }
    }

    It 'has a manifest that says everything, with the changelog''s notes of its version' {
        $manifest = Test-ModuleManifest "$installed/UsageTracking.psd1"
        $manifest.Version | Should -Be $version
        $manifest.Author, $manifest.CompanyName, $manifest.Copyright, $manifest.Description, $manifest.Tags, $manifest.LicenseUri, $manifest.ProjectUri |
            ForEach-Object { "$_" | Should -Not -BeNullOrEmpty }
        "$($manifest.PowerShellVersion)" | Should -Be 7.4
        $manifest.CompatiblePSEditions | Should -Be Core
        $manifest.ExportedCmdlets.Keys | Sort-Object | Should -Be ($source.CmdletsToExport | Sort-Object)
        $manifest.ExportedFunctions.Count + $manifest.ExportedAliases.Count + $manifest.ExportedVariables.Count | Should -Be 0

        $changes = Get-Content $root/CHANGELOG.md
        $from = [array]::FindIndex($changes, [Predicate[string]] { $args[0] -match "^## $([regex]::Escape($version))(,|$)" })
        $from | Should -BeGreaterThan 0
        $notes = $changes[($from + 1)..$changes.Count] | Where-Object { $_ }
        $next = [array]::FindIndex([string[]] $notes, [Predicate[string]] { $args[0] -like '## *' })
        if ($next -ge 0) { $notes = $notes[0..($next - 1)] }
        $manifest.ReleaseNotes -split '\r?\n' | Where-Object { $_ } | Should -Be $notes
    }

    It 'has the same version everywhere' {
        [semver] $version | Should -BeOfType semver
        foreach ($name in 'Loader', 'Cmdlets', 'Core') {
            [System.Diagnostics.FileVersionInfo]::GetVersionInfo("$installed/bin/UsageTracking.$name.dll").ProductVersion -replace '\+.*' | Should -Be $version
        }
    }

    It 'names every library in it, with owner and licence' {
        $notices = Get-Content "$installed/THIRD-PARTY-NOTICES.txt" -Raw
        $dependencies = Get-Content "$installed/bin/UsageTracking.Cmdlets.deps.json" -Raw | ConvertFrom-Json -AsHashtable
        $assets = $dependencies.targets[$dependencies.runtimeTarget.name]
        $libraries = $dependencies.libraries.Keys | Where-Object { $dependencies.libraries[$_].type -eq 'package' -and ($assets[$_].runtime -or $assets[$_].runtimeTargets) }
        $libraries | Should -HaveCount 15
        foreach ($library in $libraries) {
            $notices | Should -Match "(?m)^$([regex]::Escape($library.Replace('/', ' ')))\n    .*(©|Copyright).*\n    Licence: (MIT|Apache-2\.0|PostgreSQL|as below)\n"
        }
        $notices | Should -Match 'Apache License\s+Version 2.0'
        $notices | Should -Match 'Permission is hereby granted, free of charge'
        $notices | Should -Match 'IN NO EVENT SHALL THE COPYRIGHT HOLDERS BE LIABLE TO ANY PARTY'
        $notices | Should -Match 'SQLite is Public Domain'
    }

    It 'is described for the PowerShell Gallery' {
        $archive = [System.IO.Compression.ZipFile]::OpenRead($nupkg)
        try {
            $part = @{}
            foreach ($name in 'UsageTracking.nuspec', '[Content_Types].xml', '_rels/.rels') {
                $reader = [System.IO.StreamReader]::new($archive.GetEntry($name).Open())
                $part[$name] = [xml] $reader.ReadToEnd()
                $reader.Dispose()
            }
            $extensions = $archive.Entries.Name | ForEach-Object { [System.IO.Path]::GetExtension($_).TrimStart('.') } | Where-Object { $_ } | Sort-Object -Unique
        }
        finally {
            $archive.Dispose()
        }

        $manifest = Import-PowerShellDataFile "$installed/UsageTracking.psd1"
        $data = $manifest.PrivateData.PSData
        $about = $part['UsageTracking.nuspec'].package.metadata
        $about.id, $about.version | Should -Be 'UsageTracking', $version
        $about.authors, $about.owners, $about.copyright | Should -Be $manifest.Author, $manifest.CompanyName, $manifest.Copyright
        $about.description, $about.releaseNotes | Should -Be $manifest.Description, $data.ReleaseNotes
        $about.licenseUrl, $about.projectUrl | Should -Be $data.LicenseUri, $data.ProjectUri
        $about.requireLicenseAcceptance | Should -Be false

        $tags = @('PSModule', 'PSIncludes_Cmdlet') + $data.Tags + ($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" })
        $about.tags -split ' ' | Should -Be $tags
        $about.tags | Should -Match '\bPSEdition_Core\b'
        # It refuses more.
        $about.tags.Length | Should -BeLessOrEqual 4000

        $part['[Content_Types].xml'].Types.Default.Extension | Should -Be $extensions
        $part['_rels/.rels'].Relationships.Relationship.Target | Should -Be '/UsageTracking.nuspec'
    }

    It 'is one that NuGet''s client takes and gives back' {
        $feed = (New-Item -ItemType Directory $TestDrive/feed).FullName
        # Not in the checkout, where a nuget.config might count.
        Push-Location $feed
        try {
            dotnet nuget push $nupkg --source $feed | Out-Null
            $LASTEXITCODE | Should -Be 0
            dotnet package download "UsageTracking@$version" --source $feed --output $TestDrive/download | Out-Null
            $LASTEXITCODE | Should -Be 0
        }
        finally {
            Pop-Location
        }
        (Test-ModuleManifest "$TestDrive/download/usagetracking/$version/UsageTracking.psd1").Version | Should -Be $version
    }
}

Describe 'SQLite for <Platform>' -ForEach $platforms {
    It 'is in the package, for that processor' {
        $bytes = [System.IO.File]::ReadAllBytes("$installed/bin/runtimes/$Platform/native/$File")
        switch ($Kind) {
            'PE' {
                [System.Text.Encoding]::ASCII.GetString($bytes, 0, 2) | Should -Be 'MZ'
                [System.BitConverter]::ToUInt16($bytes, [System.BitConverter]::ToInt32($bytes, 0x3C) + 4) | Should -Be $Processor
            }
            'ELF' {
                [System.Text.Encoding]::ASCII.GetString($bytes, 1, 3) | Should -Be 'ELF'
                [System.BitConverter]::ToUInt16($bytes, 18) | Should -Be $Processor
                # musl's C library has no number.
                $libc = [regex]::Match([System.Text.Encoding]::Latin1.GetString($bytes), '\0(libc\.so(\.6)?)\0').Groups[1].Value
                $libc | Should -Be ($Platform -like '*musl*' ? 'libc.so' : 'libc.so.6')
            }
            'Mach-O' {
                [System.BitConverter]::ToUInt32($bytes, 0) | Should -Be 0xFEEDFACFu
                [System.BitConverter]::ToUInt32($bytes, 4) | Should -Be $Processor
            }
        }
    }

    It 'is what the runtime finds there' {
        # The loader asks it, and it reads the .deps.json. For a moment it believes to be on that platform.
        $assembly = "$installed/bin/UsageTracking.Cmdlets.dll"
        Set-Content $TestDrive/find.ps1 "[System.Runtime.Loader.AssemblyDependencyResolver]::new('$assembly').ResolveUnmanagedDllToPath('$File')"
        try {
            $env:DOTNET_RUNTIME_ID = $Platform
            $path = Invoke-Pwsh $TestDrive/find.ps1
        }
        finally {
            $env:DOTNET_RUNTIME_ID = $null
        }
        $path | Should -Be (Join-Path $installed bin runtimes $Platform native $File)
    }
}

Describe 'The <From> in ''<To>'', with <Kind>' -ForEach $installations {
    BeforeAll {
        if ($Skip) { return }
        $modules = Expand-Package $From $To
        $before = Get-ChildItem $modules -Recurse -File | Get-FileHash
        if (-not $IsWindows) { chmod -R a-w $modules }
        $store = New-TestStore -Kind $Kind -Empty
        $folder = (New-Item -ItemType Directory "$TestDrive/$([guid]::NewGuid())/út 出").FullName
        $output = Invoke-Pwsh $PSScriptRoot/MainJob.ps1 $modules, $folder, ($store.Path ?? $store.ConnectionString) 2>&1
        $seen = if (Test-Path "$folder/seen.json") { Get-Content "$folder/seen.json" -Raw | ConvertFrom-Json }
    }
    AfterAll {
        if ($Skip) { return }
        if (-not $IsWindows) { chmod -R u+w $modules }
        Remove-TestStore $store
    }

    It 'does the main job' -Skip:$Skip {
        $output | Should -BeNullOrEmpty
        $seen.Modules | Should -Be (Join-Path $modules UsageTracking $version)
        $seen.Strange | Should -BeNullOrEmpty
        $seen.Flush.Committed, $seen.Flush.Rejected, $seen.Flush.Remaining | Should -Be 6, 0, 0
        $seen.Usage | Should -Be 'api 3 0.0003 2', 'bandwidth 5.5 0.055 2', 'compute 0.3 0.015 2'
        $seen.Day | Should -Be '2026-01-11 0.3'
        $seen.Quota | Should -Be '0 of 2'
        $seen.Allowed | Should -Be $true, $false
        # Left of 62 GB: all, after 5 GB on the 10th, and after half a GB more on the 20th.
        $seen.Burndown | Should -Be '2026-01-01 60 62 2', '2026-01-10 42 57 15', '2026-01-20 22 56.5 34.5', '2026-01-31 0 56.5 56.5'
        $seen.Example | Should -Match '^Get-Usage'
        $seen.About | Should -Be 'TOPIC', 'about_UsageTracking'
    }

    It 'stores what its own program finds there' -Skip:$Skip {
        Invoke-Sql $store "select service_name, quantity, unit_cost, customer_id from billing_usage_records order by recorded_at" |
            ForEach-Object { $_ -replace '(\.\d*?)0+(?=\||$)', '$1' -replace '\.(?=\||$)' } |
            Should -Be 'api|1|0.0001|acme', 'bandwidth|5|0.01|acme', 'api|2|0.0001|acme', 'compute|0.1|0.05|acme', 'compute|0.2|0.05|acme', 'bandwidth|0.5|0.01|acme'
    }

    It 'writes a chart and a workbook' -Skip:$Skip {
        $seen.Chart, $seen.Export | Should -Be 'burndown.svg', 'usage.xlsx'
        ([xml] (Get-Content "$folder/burndown.svg" -Raw)).svg.title | Should -Be 'bandwidth: what is left'

        $book = "$folder/book"
        [System.IO.Compression.ZipFile]::ExtractToDirectory("$folder/usage.xlsx", $book)
        ([xml] (Get-Content "$book/xl/workbook.xml" -Raw)).workbook.sheets.sheet.name | Should -Be 'Summary', 'Records'
        $rows = ([xml] (Get-Content "$book/xl/worksheets/sheet2.xml" -Raw)).worksheet.sheetData.row
        # A heading and a row per record, newest first.
        $rows | Should -HaveCount 7
        $rows[1..6] | ForEach-Object { $_.c[2].v } | Should -Be 0.5, 0.2, 0.1, 2, 5, 1
    }

    It 'writes nothing into its own folder' -Skip:$Skip {
        $after = Get-ChildItem $modules -Recurse -File | Get-FileHash
        $after.Path | Should -Be $before.Path
        $after.Hash | Should -Be $before.Hash
    }
}

Describe 'Starting' {
    BeforeAll {
        $begin = "`$env:PSModulePath = '$(Split-Path (Split-Path $installed))'; Import-Module UsageTracking"
        $database = "$TestDrive/starting.db"

        function Measure-Pwsh([string] $Command) {
            Set-Content $TestDrive/starting.ps1 $Command
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            Invoke-Pwsh $TestDrive/starting.ps1 | Out-Null
            $LASTEXITCODE | Should -Be 0
            $watch.ElapsedMilliseconds
        }

        # By how much a command is slower than none. Other programs may be in the way, so the best of some counts.
        function Measure-Start([string] $Command, [int] $Limit) {
            $best = [int]::MaxValue
            for ($i = 0; $i -lt 7 -and $best -gt $Limit; $i++) {
                $best = [math]::Min($best, (Measure-Pwsh $Command) - (Measure-Pwsh ''))
            }
            $best
        }

        # Whether this process gets less than it could use.
        function Test-Busy {
            $process = [System.Diagnostics.Process]::GetCurrentProcess()
            $before = $process.TotalProcessorTime
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            while ($watch.ElapsedMilliseconds -lt 500) { continue }
            $process.Refresh()
            ($process.TotalProcessorTime - $before).TotalMilliseconds -lt 0.9 * $watch.ElapsedMilliseconds
        }

        function Assert-Start([string] $Command, [int] $Limit) {
            $milliseconds = Measure-Start $Command $Limit
            if ($milliseconds -gt $Limit -and (Test-Busy)) {
                Set-ItResult -Skipped -Because "other programs keep this machine busy; it took $milliseconds ms"
            }
            $milliseconds | Should -BeLessOrEqual $Limit
        }
    }

    It 'takes at most 200 ms for the import' {
        Assert-Start $begin 200
    }

    It 'takes at most 0.6 s until one record is stored' {
        $line = "$begin; Connect-UsageStore '$database'; Add-UsageApiRequest /users GET 200; if ((Invoke-UsageFlush).Committed -ne 1) { exit 1 }"
        Assert-Start $line 600
    }
}
