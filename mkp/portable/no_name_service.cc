// What a portable executable must never do, failing: look names up with the C library and load
// code. A program without shared libraries that calls these loads the host's own, which aborts
// where that is another glibc than the one it was built with. Names come from c-ares.

#include <dlfcn.h>
#include <netdb.h>
#include <pwd.h>

#include <cerrno>

extern "C" {

int getaddrinfo(const char *, const char *, const addrinfo *, addrinfo **) {
    return EAI_FAIL;
}

void freeaddrinfo(addrinfo *) noexcept {}

const char *gai_strerror(int) noexcept {
    return "names are looked up by c-ares only";
}

int getnameinfo(const sockaddr *, socklen_t, char *, socklen_t, char *, socklen_t, int) {
    return EAI_FAIL;
}

hostent *gethostbyname(const char *) {
    h_errno = NO_RECOVERY;
    return nullptr;
}

servent *getservbyname(const char *, const char *) {
    return nullptr;
}

int getservbyport_r(int, const char *, servent *, char *, size_t, servent **result) {
    *result = nullptr;
    return ENOENT;
}

void *dlopen(const char *, int) noexcept {
    return nullptr;
}

void *dlsym(void *__restrict, const char *__restrict) noexcept {
    return nullptr;
}

int dlclose(void *) noexcept {
    return -1;
}

char *dlerror() noexcept {
    static char words[] = "this program loads no code";
    return words;
}

int dladdr(const void *, Dl_info *) noexcept {
    return 0;
}

}  // extern "C"
