// A program that embeds CPython as an application server does: `embeds_python LIBPYTHON WHAT`. The library comes by
// dlopen(), and workers are forked without a word to the interpreter (no PyOS_AfterFork_Child), as uWSGI does it.
//
//   held       the forking thread holds the GIL and goes on with it in the child
//   let_go     nobody holds it; the child's threads take it when they have something to do
//
// Prints 3 times 6: each of three workers runs two threads of Python.
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct Python {
    void (*initialize)(int) = nullptr;
    void* (*saveThread)() = nullptr;
    void (*restoreThread)(void*) = nullptr;
    int (*ensure)() = nullptr;
    void (*release)(int) = nullptr;
    int (*run)(const char*) = nullptr;
};

Python g_python;

template <class Function> void find(void* library, const char* name, Function*& function)
{
    function = reinterpret_cast<Function*>(dlsym(library, name));
    if (function == nullptr) {
        std::fprintf(stderr, "no %s\n", name);
        _exit(90);
    }
}

void load(const char* path)
{
    void* library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (library == nullptr) {
        std::fprintf(stderr, "%s\n", dlerror());
        _exit(90);
    }
    find(library, "Py_InitializeEx", g_python.initialize);
    find(library, "PyEval_SaveThread", g_python.saveThread);
    find(library, "PyEval_RestoreThread", g_python.restoreThread);
    find(library, "PyGILState_Ensure", g_python.ensure);
    find(library, "PyGILState_Release", g_python.release);
    find(library, "PyRun_SimpleString", g_python.run);
}

void* request(void*)
{
    const int state = g_python.ensure();
    g_python.run("for _ in range(3):\n    done.append(1)\n    time.sleep(0.001)\n");
    g_python.release(state);
    return nullptr;
}

void serve()
{
    pthread_t threads[2];
    for (pthread_t& thread : threads) {
        if (pthread_create(&thread, nullptr, &request, nullptr) != 0) {
            _exit(90);
        }
    }
    for (const pthread_t thread : threads) {
        pthread_join(thread, nullptr);
    }
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        return 2;
    }
    const bool held = std::strcmp(argv[2], "held") == 0;
    load(argv[1]);
    g_python.initialize(0);
    g_python.run("import sys, time\ndone = []\n");
    void* state = held ? nullptr : g_python.saveThread();
    for (int i = 0; i < 3; ++i) {
        const pid_t worker = fork();
        if (worker == 0) {
            if (held) {
                state = g_python.saveThread();
            }
            serve();
            g_python.restoreThread(state);
            g_python.run("print(len(done))\nsys.stdout.flush()");
            _exit(0);
        }
        int status = 0;
        waitpid(worker, &status, 0);
        if (status != 0) {
            std::fprintf(stderr, "worker ended with %d\n", status);
            return 1;
        }
    }
    return 0;
}
